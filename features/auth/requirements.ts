import { createStore, useStore } from '@/lib/store'
import { callFunction } from '@/lib/supabase/call'
import { getSupabase } from '@/lib/supabase/client'

/** What a sign-in still lacks before it opens anything. */
export type Requirements = {
  ok: boolean
  /** The session is over, or the account is closed. */
  ended: boolean
  /** `verify`: a code is enough; `enroll`: it has to be set up first. */
  second_factor: 'none' | 'verify' | 'enroll'
  sso: boolean
  /** Closed in every workspace. */
  deactivated: boolean
  /** Who asks for it. */
  workspaces: { name: string; slug: string }[]
}

const requirements = createStore<Requirements | null>(null)
let asking: Promise<void> | null = null

async function ask() {
  const answer = await callFunction<Requirements>(await getSupabase(), 'session_requirements')
  requirements.set((known) => (JSON.stringify(known) === JSON.stringify(answer) ? known : answer))
}

/**
 * Asks whether this sign-in is (still) enough: after signing in, after it was made stronger, and whenever the server
 * closes a connection or refuses. Without an answer nothing changes.
 */
export function checkRequirements(): Promise<void> {
  asking ??= ask()
    .catch(() => {})
    .finally(() => {
      asking = null
    })
  return asking
}

export function forgetRequirements() {
  requirements.set(null)
}

/** Null until the server has answered. */
export const useRequirements = () => useStore(requirements, (current) => current)
