import { ApiError } from '../../errors'
import type { Sql } from '../user-row'
import type { ProviderEmail } from './profile'

/** Whose a sign-in is: somebody's who has come this way before, somebody's who proves the same address, nobody's. */
export type Decision =
  | { is: 'known'; userId: string; identityId: string }
  | { is: 'same address'; userId: string }
  | { is: 'new'; email: ProviderEmail | null }

/**
 * GoTrue's rules. Only addresses that the provider has verified lead to an account, and only identities of which the
 * address was verified count as the account's: GoTrue takes any, so that an address which somebody merely typed at
 * another provider would lead its owner into that person's account. Single sign-on keeps to itself: the addresses
 * of one identity provider are no proof towards another.
 */
export async function decide(
  sql: Sql,
  provider: string,
  subject: string,
  emails: ProviderEmail[],
): Promise<Decision> {
  const [known] = await sql<{ id: string; user_id: string }[]>`
    select i.id, i.user_id from auth.identities i join auth.users u on u.id = i.user_id
    where i.provider = ${provider} and i.provider_id = ${subject} and u.deleted_at is null`
  if (known) return { is: 'known', userId: known.user_id, identityId: known.id }
  const verified = emails.filter((each) => each.verified).map(({ email }) => email)
  const primary = emails.find((each) => each.primary) ?? emails[0] ?? null
  if (verified.length > 0) {
    const similar = provider.startsWith('sso:')
      ? await sameIdentityProvider(sql, provider, verified)
      : await sameAddress(sql, verified)
    if (similar.length > 1) {
      throw new ApiError(
        500,
        'unexpected_failure',
        'Multiple accounts with the same email address in the same linking domain detected: default',
      )
    }
    const [only] = similar
    if (only) return { is: 'same address', userId: only.user_id }
  }
  return { is: 'new', email: primary }
}

function sameIdentityProvider(sql: Sql, provider: string, emails: string[]) {
  return sql<{ user_id: string }[]>`
    select distinct i.user_id from auth.identities i join auth.users u on u.id = i.user_id
    where i.provider = ${provider} and i.email in ${sql(emails)} and u.deleted_at is null`
}

function sameAddress(sql: Sql, emails: string[]) {
  return sql<{ user_id: string }[]>`
    select id as user_id from auth.users u
    where u.email in ${sql(emails)} and not u.is_sso_user and u.deleted_at is null
    union
    select i.user_id from auth.identities i join auth.users u on u.id = i.user_id
    where i.email in ${sql(emails)} and i.identity_data -> 'email_verified' = 'true'
      and not u.is_sso_user and u.deleted_at is null`
}

/** Whether somebody else signs in with this address. */
export async function isTaken(sql: Sql, email: string): Promise<boolean> {
  const [taken] = await sql`
    select from auth.users u where u.email = ${email} and not u.is_sso_user and u.deleted_at is null`
  return taken !== undefined
}
