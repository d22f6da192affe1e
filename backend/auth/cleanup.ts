import type postgres from 'postgres'
import type { Logger } from '../log'

/** Removes what nobody can use any more. */
export type Cleanup = { start(): void; stop(): Promise<void> }

export type CleanupSettings = { otpExpirySeconds: number; auditLogDays: number }

/** A batch holds its locks briefly; whoever uses a row right now keeps it. */
const BATCH = 500
/** A round ends here even when more is left, so that the database is not busy with it for long. */
const MAX_BATCHES = 40
const FIRST_AFTER_MS = 60_000
const EVERY_MS = 10 * 60_000

type Sql = Pick<postgres.Sql, 'unsafe'>

/**
 * One round; returns how many rows of each table went. GoTrue's rules: what is over stays a day, for questions and for
 * clocks that differ. The two before a living refresh token stay: whether a copy that comes back ends the session hangs
 * on them.
 */
export async function cleanUp(
  sql: Sql,
  settings: CleanupSettings,
  batch = BATCH,
): Promise<Record<string, number>> {
  const removed: Record<string, number> = {}
  for (const [table, condition] of rules(settings)) {
    for (let round = 0; round < MAX_BATCHES; round++) {
      const { count } = await sql.unsafe(
        `delete from auth.${table} where id in (
          select t.id from auth.${table} t where ${condition} limit ${batch} for update skip locked)`,
      )
      removed[table] = (removed[table] ?? 0) + count
      if (count < batch) break
    }
  }
  return removed
}

function rules({ otpExpirySeconds, auditLogDays }: CleanupSettings): [table: string, condition: string][] {
  return [
    [
      'refresh_tokens',
      `t.revoked and t.updated_at < now() - interval '1 day' and not exists (
        select from auth.refresh_tokens child
        left join auth.refresh_tokens grandchild on grandchild.parent = child.token
        where child.parent = t.token and (not child.revoked or not grandchild.revoked))`,
    ],
    ['sessions', `t.not_after < now() - interval '1 day'`],
    [
      'one_time_tokens',
      `t.created_at < (now() at time zone 'utc') - interval '1 day' - interval '${otpExpirySeconds} seconds'`,
    ],
    ['flow_state', `t.created_at < now() - interval '1 day'`],
    ['mfa_challenges', `t.created_at < now() - interval '1 day'`],
    ['webauthn_challenges', `t.expires_at < now() - interval '1 day'`],
    ['mfa_factors', `t.status = 'unverified' and t.created_at < now() - interval '1 day'`],
    ['oauth_client_states', `t.created_at < now() - interval '1 day'`],
    ['saml_relay_states', `t.created_at < now() - interval '1 day'`],
    ...(auditLogDays > 0
      ? [['audit_log_entries', `t.created_at < now() - interval '${auditLogDays} days'`] as [string, string]]
      : []),
  ]
}

/** Rounds in the background, every few minutes. */
export function createCleanup(sql: Sql, settings: CleanupSettings, log: Logger): Cleanup {
  let timer: NodeJS.Timeout | undefined
  let running = Promise.resolve()
  let stopped = false

  function plan(milliseconds: number): void {
    if (stopped) return
    timer = setTimeout(() => {
      running = cleanUp(sql, settings)
        .then(
          (removed) => log.debug({ removed }, 'Old rows of auth were removed'),
          (err: unknown) => log.warn({ err }, 'Old rows of auth could not be removed'),
        )
        .then(() => plan(EVERY_MS))
    }, milliseconds)
    timer.unref()
  }

  return {
    start: () => plan(FIRST_AFTER_MS),
    async stop() {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}
