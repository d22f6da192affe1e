import { toAppError } from '@/lib/errors'
import type { AppClient } from '@/lib/supabase/client'
import { confirmAddress } from './mail-mutations'

/** Sets another password. Other devices are signed out: whoever knew the old one may be on them. */
export async function changePassword(client: AppClient, current: string, next: string) {
  const { error } = await client.auth.updateUser({ password: next, current_password: current })
  if (error) throw toAppError(error)
  await client.auth.signOut({ scope: 'others' })
}

/** True when the new address counts at once, false when the links in the mails have to be opened first. */
export async function changeEmail(client: AppClient, email: string): Promise<boolean> {
  const { data, error } = await client.auth.updateUser(
    { email: email.trim() },
    { emailRedirectTo: confirmAddress('email_change', window.location.pathname) },
  )
  if (error) throw toAppError(error)
  if (data.user.email !== email.trim().toLowerCase()) return false
  // The session of this browser carries the old address until it is renewed.
  await client.auth.refreshSession()
  return true
}
