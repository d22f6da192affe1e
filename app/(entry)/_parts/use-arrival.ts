'use client'

import { useEffect, useRef, useState } from 'react'
import { type Arrival, BEGUN, readArrival } from '@/features/auth/arrival'
import { verifyLink } from '@/features/auth/mail-mutations'
import { useSession, watchSession } from '@/features/auth/session'
import { isRetryable, toAppError } from '@/lib/errors'
import { getSupabase } from '@/lib/supabase/client'

export type Outcome =
  | { state: 'working' }
  /** There is a session, or there will be in a moment. */
  | { state: 'done' }
  /** Accepted, and something is still to be done elsewhere. */
  | { state: 'more' }
  | { state: 'problem'; error: unknown; retryable: boolean }
  /** The address carried nothing. */
  | { state: 'nothing' }

const problem = (error: unknown): Outcome => ({
  state: 'problem',
  error,
  retryable: isRetryable(toAppError(error)),
})

/** Takes what a link has brought, once: a session, a token that is still to be verified, or a refusal. */
export function useArrival() {
  const [outcome, setOutcome] = useState<Outcome>({ state: 'working' })
  const arrival = useRef<Arrival | null>(null)
  const session = useSession()

  const take = async (found: Arrival) => {
    setOutcome({ state: 'working' })
    if (found.kind === 'problem')
      return setOutcome(problem({ code: found.code, status: 403, message: found.code }))
    if (found.kind === 'message') return setOutcome({ state: 'more' })
    if (found.kind === 'nothing') return setOutcome({ state: 'nothing' })
    try {
      const client = await getSupabase()
      if (found.kind === 'begun') {
        const { data } = await client.auth.getSession()
        return setOutcome({ state: data.session ? 'done' : 'nothing' })
      }
      const opened = found.kind === 'session' || (await verifyLink(client, found.tokenHash, found.type))
      const rest = found.type === 'recovery' ? BEGUN : ''
      const forget = () => window.history.replaceState(null, '', window.location.pathname + rest)
      // What was used works no second time: a reload must not try it.
      if (found.kind === 'token') forget()
      const { error } = await client.auth.initialize()
      if (found.kind === 'session' && error) throw error
      // The client has taken it out of the fragment; only what is not done yet has to be kept.
      if (found.kind === 'session' && rest) forget()
      setOutcome({ state: opened ? 'done' : 'more' })
    } catch (error) {
      setOutcome(problem(error))
    }
  }

  // Before the session is watched: the client clears the fragment when it is made.
  // biome-ignore lint/correctness/useExhaustiveDependencies: an address is read once
  useEffect(() => {
    if (arrival.current) return
    arrival.current = readArrival(window.location)
    void take(arrival.current)
  }, [])
  useEffect(watchSession, [])

  return {
    outcome,
    session,
    arrival: arrival.current,
    retry: () => arrival.current && void take(arrival.current),
  }
}
