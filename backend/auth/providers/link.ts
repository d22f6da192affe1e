import { ApiError } from '../../errors'
import { emailExists, updateUser } from '../update-user'
import type { Sql } from '../user-row'
import { findUserById } from '../users'
import type { Arrival } from './account'
import { addIdentity, refreshProviders } from './identity'
import { isTaken } from './linking'

/** Connects an identity with the account of somebody who is signed in and asked for it, inside a transaction. */
export async function linkToUser(sql: Sql, userId: string, { provider, profile }: Arrival): Promise<string> {
  const { subject, emails, data } = profile
  const user = await findUserById(sql, userId)
  if (!user || user.is_banned) throw new ApiError(422, 'user_not_found', 'Linking target user not found')
  const [known] = await sql<{ user_id: string }[]>`
    select user_id from auth.identities where provider = ${provider} and provider_id = ${subject}`
  if (known) {
    const whose = known.user_id === userId ? '' : ' to another user'
    throw new ApiError(422, 'identity_already_exists', `Identity is already linked${whose}`)
  }
  await addIdentity(sql, userId, { provider, providerId: subject, data })
  const address = emails.find(({ primary }) => primary) ?? emails[0]
  if (!user.email && address) {
    if (await isTaken(sql, address.email)) throw emailExists()
    if (!address.verified) {
      throw new ApiError(422, 'email_not_confirmed', `Unverified email with ${provider}`)
    }
    await sql`update auth.users set is_anonymous = false where id = ${userId}`
    await updateUser(sql, userId, { email: address.email, confirmEmail: true }, null)
  }
  await refreshProviders(sql, userId)
  return userId
}
