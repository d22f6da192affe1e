import 'server-only'
import { Refusal, unwrap } from '@/lib/api'
import { adminClient, callerClient } from '@/lib/supabase/admin'

/**
 * A link with which a person sets a new password, for an administrator to hand over. It signs in whoever opens it,
 * once.
 */
export async function createResetLink(
  token: string,
  userId: string,
  site: string,
): Promise<{ link: string }> {
  await requireHelper(token, userId)
  const { auth } = adminClient()
  const { user } = unwrap(await auth.admin.getUserById(userId))
  if (!user?.email) throw new Refusal(409, 'no_address', 'This account has no e-mail address.')
  // Auth finds the account by its address, and among those with a password: people of single sign-on may share theirs
  // with somebody who is another person to us, perhaps an owner.
  const providers = (user.identities ?? []).map(({ provider }) => provider)
  if (providers.length > 0 && providers.every((each) => each.startsWith('sso:'))) throw ssoAccount()
  const made = unwrap(await auth.admin.generateLink({ type: 'recovery', email: user.email }))
  const { properties } = made
  if (made.user?.id !== userId.toLowerCase()) throw ssoAccount()
  const query = new URLSearchParams({ token_hash: properties?.hashed_token ?? '', type: 'recovery' })
  return { link: `${site}/reset-password?${query}` }
}

function ssoAccount(): Refusal {
  return new Refusal(409, 'sso_account', 'This account signs in through single sign-on and has no password.')
}

/** Takes all second factors off an account, for somebody who lost theirs and the recovery codes too. */
export async function removeTwoFactor(token: string, userId: string): Promise<{ removed: number }> {
  await requireHelper(token, userId)
  const { auth } = adminClient()
  const { factors } = unwrap(await auth.admin.mfa.listFactors({ userId }))
  for (const { id } of factors) unwrap(await auth.admin.mfa.deleteFactor({ userId, id }))
  return { removed: factors.length }
}

/** Asks the database, as the caller. */
async function requireHelper(token: string, userId: string): Promise<void> {
  const allowed = unwrap(await callerClient(token).rpc('may_reset_password', { user_id: userId }))
  if (!allowed)
    throw new Refusal(403, 'not_allowed', 'Only people who outrank this person everywhere may do this.')
}
