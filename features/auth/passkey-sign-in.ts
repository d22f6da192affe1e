import { useEffect, useRef } from 'react'
import { toAppError } from '@/lib/errors'
import { getSupabase } from '@/lib/supabase/client'

/** Asks for a passkey in a dialog of the browser. */
export async function signInWithPasskey() {
  const client = await getSupabase()
  const { error } = await client.auth.signInWithPasskey()
  if (error) throw toAppError(error)
}

/** Offers the passkeys of this device in the list of suggestions of the e-mail field, until the signal ends it. */
async function offerPasskeys(signal: AbortSignal) {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return
  const { auth } = await getSupabase()
  const { data } = await auth.passkey.startAuthentication()
  if (!data || signal.aborted) return
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(data.options as never)
  const credential = await navigator.credentials.get({ mediation: 'conditional', publicKey, signal })
  if (!(credential instanceof PublicKeyCredential)) return
  const { error } = await auth.passkey.verifyAuthentication({
    challengeId: data.challenge_id,
    credential: credential.toJSON() as never,
  })
  if (error) throw toAppError(error)
}

/**
 * Keeps passkeys among the suggestions while `enabled`. Returns how to end that: a browser answers one request at a
 * time, so whoever asks in a dialog ends this first.
 */
export function usePasskeySuggestions(enabled: boolean, onProblem: (error: unknown) => void) {
  const running = useRef<AbortController | null>(null)
  const report = useRef(onProblem)
  report.current = onProblem
  useEffect(() => {
    if (!enabled) return
    const controller = new AbortController()
    running.current = controller
    offerPasskeys(controller.signal).catch((error: unknown) => {
      // What the person did not ask for may not complain: only a passkey that was chosen and refused does.
      if (!controller.signal.aborted && toAppError(error).code !== 'passkey_cancelled') report.current(error)
    })
    return () => controller.abort()
  }, [enabled])
  return () => running.current?.abort()
}
