import type postgres from 'postgres'

/** The pool, or one transaction of it. */
export type Sql = postgres.ISql<Record<never, never>>

type Time = Date | string | null

/** A row of auth.users with its identities: what an answer or a token says about a person, and what decides. */
export type UserRow = {
  id: string
  aud: string | null
  role: string | null
  email: string | null
  phone: string | null
  encrypted_password: string | null
  email_confirmed_at: Time
  phone_confirmed_at: Time
  confirmed_at: Time
  invited_at: Time
  confirmation_sent_at: Time
  /** The address that is to become the person's, once it is confirmed. */
  email_change: string | null
  email_change_sent_at: Time
  email_change_confirm_status: number | null
  reauthentication_sent_at: Time
  recovery_sent_at: Time
  last_sign_in_at: Time
  raw_app_meta_data: Record<string, unknown> | null
  raw_user_meta_data: Record<string, unknown> | null
  created_at: Time
  updated_at: Time
  banned_until: Time
  is_banned: boolean
  is_anonymous: boolean
  is_sso_user: boolean
  identities: IdentityRow[]
  factors: FactorRow[]
}

/** A second factor as it is shown; what proves it stays in the database. */
export type FactorRow = {
  id: string
  created_at: Time
  updated_at: Time
  status: 'unverified' | 'verified'
  friendly_name: string | null
  factor_type: 'totp' | 'webauthn' | 'phone'
  phone: string | null
  last_challenged_at: Time
  web_authn_aaguid: string | null
}

type IdentityRow = {
  id: string
  provider_id: string
  user_id: string
  identity_data: Record<string, unknown>
  provider: string
  last_sign_in_at: Time
  created_at: Time
  updated_at: Time
  email: string | null
}

/** The columns of a UserRow, of the users table named `u`. */
export function userColumns(sql: Sql) {
  return sql`
    u.id, u.aud, u.role, u.email, u.phone, u.encrypted_password, u.email_confirmed_at, u.phone_confirmed_at,
    u.confirmed_at, u.invited_at, u.confirmation_sent_at, u.recovery_sent_at, u.last_sign_in_at,
    u.raw_app_meta_data, u.raw_user_meta_data, u.created_at, u.updated_at, u.banned_until,
    u.email_change, u.email_change_sent_at, u.email_change_confirm_status, u.reauthentication_sent_at,
    coalesce(u.banned_until > now(), false) as is_banned, u.is_anonymous, u.is_sso_user,
    (select coalesce(json_agg(i order by i.created_at), '[]') from auth.identities i where i.user_id = u.id)
      as identities,
    (select coalesce(json_agg(json_build_object(
        'id', f.id, 'created_at', f.created_at, 'updated_at', f.updated_at, 'status', f.status,
        'friendly_name', f.friendly_name, 'factor_type', f.factor_type, 'phone', f.phone,
        'last_challenged_at', f.last_challenged_at, 'web_authn_aaguid', f.web_authn_aaguid
      ) order by f.created_at, f.id), '[]')
      from auth.mfa_factors f where f.user_id = u.id) as factors`
}

/** A person as GoTrue shows them. Times that are not set are left out. */
export function userJson(user: UserRow) {
  return {
    id: user.id,
    aud: user.aud ?? '',
    role: user.role ?? '',
    email: user.email ?? '',
    ...times(user, ['email_confirmed_at', 'invited_at']),
    phone: user.phone ?? '',
    ...times(user, ['phone_confirmed_at', 'confirmation_sent_at', 'confirmed_at', 'recovery_sent_at']),
    ...(user.email_change ? { new_email: user.email_change } : {}),
    ...times(user, ['email_change_sent_at', 'reauthentication_sent_at', 'last_sign_in_at']),
    app_metadata: user.raw_app_meta_data ?? {},
    user_metadata: user.raw_user_meta_data ?? {},
    ...(user.factors.length > 0 ? { factors: user.factors.map(factorJson) } : {}),
    identities: user.identities.map(identityJson),
    ...times(user, ['created_at', 'updated_at', 'banned_until']),
    is_anonymous: user.is_anonymous,
  }
}

/** A second factor as GoTrue shows it. */
export function factorJson(factor: FactorRow) {
  return {
    id: factor.id,
    ...times(factor, ['created_at', 'updated_at']),
    status: factor.status,
    ...(factor.friendly_name ? { friendly_name: factor.friendly_name } : {}),
    factor_type: factor.factor_type,
    phone: factor.phone ?? '',
    last_challenged_at: null,
    ...times(factor, ['last_challenged_at']),
    ...(factor.web_authn_aaguid ? { web_authn_aaguid: factor.web_authn_aaguid } : {}),
  }
}

function identityJson(identity: IdentityRow) {
  return {
    identity_id: identity.id,
    id: identity.provider_id,
    user_id: identity.user_id,
    identity_data: identity.identity_data,
    provider: identity.provider,
    ...times(identity, ['last_sign_in_at', 'created_at', 'updated_at']),
    ...(identity.email ? { email: identity.email } : {}),
  }
}

function times<K extends string>(row: { [key in K]: Time }, names: K[]): { [key in K]?: string } {
  const set = names.flatMap((name) => (row[name] ? [[name, new Date(row[name]).toISOString()] as const] : []))
  return Object.fromEntries(set) as { [key in K]?: string }
}
