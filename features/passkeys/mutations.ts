import { toAppError } from '@/lib/errors'
import type { AppClient } from '@/lib/supabase/client'

/** A key on a device of mine that signs me in without a password. */
export type Passkey = { id: string; name: string | null; created_at: string; last_used_at: string | null }

export async function listPasskeys(client: AppClient): Promise<Passkey[]> {
  const { data, error } = await client.auth.passkey.list()
  if (error) throw toAppError(error)
  return data.map(({ id, friendly_name, created_at, last_used_at }) => ({
    id,
    name: friendly_name || null,
    created_at,
    last_used_at: last_used_at ?? null,
  }))
}

/** Lets the browser make one; it asks the person for a fingerprint, a face or a PIN. */
export async function addPasskey(client: AppClient): Promise<Passkey> {
  const { data, error } = await client.auth.registerPasskey()
  if (error) throw toAppError(error)
  return { id: data.id, name: data.friendly_name || null, created_at: data.created_at, last_used_at: null }
}

export async function renamePasskey(client: AppClient, id: string, name: string) {
  const { error } = await client.auth.passkey.update({ passkeyId: id, friendlyName: name })
  if (error) throw toAppError(error)
}

export async function removePasskey(client: AppClient, id: string) {
  const { error } = await client.auth.passkey.delete({ passkeyId: id })
  if (error) throw toAppError(error)
}
