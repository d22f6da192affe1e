import type { Sql } from '../user-row'
import type { NewIdentity } from '../users'

/** Connects an identity with an account. */
export async function addIdentity(sql: Sql, userId: string, identity: NewIdentity): Promise<void> {
  await sql`
    insert into auth.identities (provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at)
    values (${identity.providerId}, ${userId}, ${JSON.stringify(identity.data)}::text::jsonb, ${identity.provider},
      now(), now(), now())`
}

/** Writes down anew which providers an account has, in the order in which they were connected. */
export async function refreshProviders(sql: Sql, userId: string): Promise<void> {
  await sql`
    update auth.users u set updated_at = now(),
      raw_app_meta_data = coalesce(u.raw_app_meta_data, '{}') || jsonb_build_object(
        'provider', named.providers -> 0, 'providers', named.providers
      )
    from (
      select coalesce(jsonb_agg(provider order by first), '[]') as providers
      from (
        select provider, min(created_at) as first from auth.identities where user_id = ${userId} group by provider
      ) each_once
    ) named
    where u.id = ${userId}`
}
