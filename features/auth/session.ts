import { createStore, useStore } from '@/lib/store'
import { getSupabase } from '@/lib/supabase/client'

export type Session =
  | { status: 'loading' }
  | { status: 'out' }
  | { status: 'in'; userId: string; email: string | null }
  /** The server could not be asked. */
  | { status: 'failed'; error: unknown }

const session = createStore<Session>({ status: 'loading' })
let watching = false

async function watch() {
  const client = await getSupabase()
  client.auth.onAuthStateChange((_event, current) => {
    const user = current?.user
    const known = session.get()
    // A refreshed token is no news to any screen.
    if (user && known.status === 'in' && known.userId === user.id && known.email === (user.email ?? null))
      return
    session.set(user ? { status: 'in', userId: user.id, email: user.email ?? null } : { status: 'out' })
  })
}

/** Starts following the session of this browser; safe to call again after a failure. */
export function watchSession() {
  if (watching) return
  watching = true
  watch().catch((error: unknown) => {
    watching = false
    session.set({ status: 'failed', error })
  })
}

export function retrySession() {
  session.set({ status: 'loading' })
  watchSession()
}

export const useSession = () => useStore(session, (current) => current)
