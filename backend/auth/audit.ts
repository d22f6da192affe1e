import type { Client } from './request'
import type { Sql } from './user-row'

/** GoTrue's actions that happen here, with the kind of log they belong to. */
const KINDS = {
  login: 'account',
  logout: 'account',
  user_signedup: 'team',
  user_invited: 'team',
  invite_accepted: 'account',
  user_deleted: 'team',
  user_modified: 'user',
  user_confirmation_requested: 'user',
  user_recovery_requested: 'user',
  user_reauthenticate_requested: 'user',
  user_repeated_signup: 'user',
  user_updated_password: 'user',
  identity_unlinked: 'user',
  token_refreshed: 'token',
  token_revoked: 'token',
  factor_in_progress: 'factor',
  factor_unenrolled: 'factor',
  challenge_created: 'factor',
  verification_attempted: 'factor',
  factor_deleted: 'factor',
  factor_updated: 'factor',
  passkey_created: 'user',
  passkey_updated: 'user',
  passkey_deleted: 'user',
} as const

/** Who did what from where. */
export type AuditEntry = {
  action: keyof typeof KINDS
  actor: { id: string; email: string | null }
  client: Client
  traits?: Record<string, unknown>
}

/** GoTrue's one instance. */
export const INSTANCE = '00000000-0000-0000-0000-000000000000'
/** Whoever holds the secret key. */
export const ADMIN = { id: INSTANCE, email: 'service_role' }

/** An entry in the log, as a statement or as a part of one; `source` makes it depend on another part's rows. */
export function auditEntry(sql: Sql, { action, actor, client, traits }: AuditEntry, source = sql``) {
  const payload = {
    actor_id: actor.id,
    actor_username: actor.email ?? '',
    actor_via_sso: false,
    action,
    log_type: KINDS[action],
    ...(traits ? { traits } : {}),
  }
  return sql`
    insert into auth.audit_log_entries (instance_id, id, payload, created_at, ip_address)
    select ${INSTANCE}::uuid, gen_random_uuid(), ${JSON.stringify(payload)}::text::json, now(),
      ${client.ip ?? ''}::text ${source}`
}
