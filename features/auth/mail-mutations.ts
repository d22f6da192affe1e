import type { EmailOtpType } from '@supabase/supabase-js'
import { toAppError } from '@/lib/errors'
import type { AppClient } from '@/lib/supabase/client'

/** Whether an address has an account is nobody's business who asks here: a refusal for that reason looks like a success. */
const UNKNOWN_ADDRESS = ['otp_disabled', 'user_not_found', 'signup_disabled']

const site = (path: string) => new URL(path, window.location.origin).href

/** Where the link of a mail leads: the page that finishes what the mail was about, and then goes on to `next`. */
export const confirmAddress = (about: MailAbout, next: string) =>
  site(`/confirm?for=${about}&next=${encodeURIComponent(next)}`)

export type MailAbout = 'signup' | 'magiclink' | 'email_change'

export async function requestPasswordReset(client: AppClient, email: string) {
  const { error } = await client.auth.resetPasswordForEmail(email.trim(), {
    redirectTo: site('/reset-password'),
  })
  if (error && !UNKNOWN_ADDRESS.includes(error.code ?? '')) throw toAppError(error)
}

/** Sends a mail with a code and a link; either signs in. */
export async function sendSignInCode(client: AppClient, email: string, next: string) {
  const { error } = await client.auth.signInWithOtp({
    email: email.trim(),
    options: { shouldCreateUser: false, emailRedirectTo: confirmAddress('magiclink', next) },
  })
  if (error && !UNKNOWN_ADDRESS.includes(error.code ?? '')) throw toAppError(error)
}

export async function verifyCode(client: AppClient, email: string, code: string) {
  const { error } = await client.auth.verifyOtp({ email: email.trim(), token: code, type: 'email' })
  if (error) throw toAppError(error)
}

/** Opens a session with what a link carries. False: accepted, but the link in the other mail is needed too. */
export async function verifyLink(client: AppClient, tokenHash: string, type: EmailOtpType): Promise<boolean> {
  const { data, error } = await client.auth.verifyOtp({ token_hash: tokenHash, type })
  if (error) throw toAppError(error)
  return data.session !== null
}

export async function resendConfirmation(client: AppClient, email: string, next: string) {
  const { error } = await client.auth.resend({
    type: 'signup',
    email: email.trim(),
    options: { emailRedirectTo: confirmAddress('signup', next) },
  })
  if (error && !UNKNOWN_ADDRESS.includes(error.code ?? '')) throw toAppError(error)
}

/** A new password after a recovery link. Whoever knew the old one may still be signed in elsewhere: no longer. */
export async function setNewPassword(client: AppClient, password: string) {
  const { error } = await client.auth.updateUser({ password })
  if (error) throw toAppError(error)
  await client.auth.signOut({ scope: 'others' })
}
