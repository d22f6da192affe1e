import { toAppError } from '@/lib/errors'
import { callFunction } from '@/lib/supabase/call'
import type { AppClient } from '@/lib/supabase/client'
import type { Factor, TotpSecret } from './schema'

/** The factors that count; a set-up that was left half done does not. */
export async function listFactors(client: AppClient): Promise<Factor[]> {
  const { data, error } = await client.auth.mfa.listFactors()
  if (error) throw toAppError(error)
  return data.all
    .filter(({ status, factor_type }) => status === 'verified' && factor_type !== 'phone')
    .map(({ id, factor_type, friendly_name, created_at }) => ({
      id,
      kind: factor_type as Factor['kind'],
      name: friendly_name || null,
      created_at,
    }))
}

/** Begins a set-up. Earlier ones that were never finished go first: their secrets may have been seen. */
export async function beginTotp(client: AppClient, issuer: string): Promise<TotpSecret> {
  const { data: known, error: unknown } = await client.auth.mfa.listFactors()
  if (unknown) throw toAppError(unknown)
  const unfinished = known.all.filter(
    ({ status, factor_type }) => status === 'unverified' && factor_type === 'totp',
  )
  for (const { id } of unfinished) await removeFactor(client, id)
  const { data, error } = await client.auth.mfa.enroll({
    factorType: 'totp',
    issuer,
    // Names are unique among the factors of a person.
    friendlyName: `app-${crypto.randomUUID().slice(0, 8)}`,
  })
  if (error) throw toAppError(error)
  return { factorId: data.id, secret: data.totp.secret, qrCode: data.totp.qr_code }
}

/** Shows the server a code; the session is as strong as it gets afterwards. */
export async function verifyTotp(client: AppClient, factorId: string, code: string) {
  const { error } = await client.auth.mfa.challengeAndVerify({ factorId, code })
  if (error) throw toAppError(error)
}

export async function addKey(client: AppClient, name: string) {
  const { error } = await client.auth.mfa.webauthn.register({ friendlyName: name })
  if (error) throw toAppError(error)
}

export async function verifyKey(client: AppClient, factorId: string) {
  const { error } = await client.auth.mfa.webauthn.authenticate({ factorId })
  if (error) throw toAppError(error)
}

export async function removeFactor(client: AppClient, factorId: string) {
  const { error } = await client.auth.mfa.unenroll({ factorId })
  if (error) throw toAppError(error)
}

/** New codes in place of all earlier ones. They are told this once. */
export function createRecoveryCodes(client: AppClient) {
  return callFunction<string[]>(client, 'create_recovery_codes')
}

export const countRecoveryCodes = (client: AppClient) => callFunction<number>(client, 'recovery_codes_left')

/** Takes the person's factors away, so that the password is enough until they set up new ones. */
export const spendRecoveryCode = (client: AppClient, code: string) =>
  callFunction(client, 'use_recovery_code', { code: code.trim() })
