import type { Session as AuthSession } from '@supabase/supabase-js'
import { createStore, useStore } from '@/lib/store'
import { getSupabase, storedSession } from '@/lib/supabase/client'
import { checkRequirements, forgetRequirements } from './requirements'

export type Session =
  | { status: 'loading' }
  | { status: 'out' }
  /** `weak`: the account has a second factor that this sign-in has not shown yet. */
  | { status: 'in'; userId: string; email: string | null; weak: boolean }
  /** The server could not be asked. */
  | { status: 'failed'; error: unknown }

const session = createStore<Session>({ status: 'loading' })
let watching = false

/** Read from the token only to know what to draw first; the database decides what it opens. */
function levelOf(token: string): unknown {
  try {
    const claims = token.split('.')[1]?.replaceAll('-', '+').replaceAll('_', '/') ?? ''
    return JSON.parse(atob(claims)).aal
  } catch {
    return undefined
  }
}

function stateOf(current: AuthSession | null): Session {
  if (!current?.user) return { status: 'out' }
  const { id, email, factors = [] } = current.user
  const hasFactor = factors.some((factor) => factor.status === 'verified')
  return {
    status: 'in',
    userId: id,
    email: email ?? null,
    weak: hasFactor && levelOf(current.access_token) !== 'aal2',
  }
}

/** Whom this browser knows, before anybody is asked. */
export const storedAccount = (): Session => stateOf(storedSession())

async function watch() {
  const stored = storedSession()
  if (stored && session.get().status === 'loading') session.set(stateOf(stored))
  const client = await getSupabase()
  client.auth.onAuthStateChange((event, current) => {
    const known = session.get()
    // An expired session that cannot be renewed without a network is not over: only SIGNED_OUT says that.
    const next = stateOf(current ?? (event === 'INITIAL_SESSION' ? storedSession() : null))
    const samePerson = known.status === 'in' && next.status === 'in' && known.userId === next.userId
    if (!samePerson) forgetRequirements()
    // A refreshed token is no news to any screen.
    if (!samePerson || known.email !== next.email || known.weak !== next.weak) session.set(next)
    // Not here: the client answers nobody while it tells of a change.
    if (next.status === 'in' && (!samePerson || event === 'MFA_CHALLENGE_VERIFIED'))
      setTimeout(checkRequirements)
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
