import type postgres from 'postgres'
import type { Horizon } from './horizon'
import type { Principal } from './principals'

/** Whether the sign-in behind a token still stands. A token outlives a logout by its remaining minutes; a socket must not. */
export class Sessions {
  private readonly sql: postgres.Sql
  private readonly horizon: Horizon

  constructor(sql: postgres.Sql, horizon: Horizon) {
    this.sql = sql
    this.horizon = horizon
  }

  /**
   * Those found standing, with the end of their session in milliseconds since 1970. A principal that is in use is told
   * of the end of its session; one that is no longer in use comes back as another object.
   */
  private readonly standing = new WeakMap<Principal, number>()
  /** Counts what was forgotten: an answer that was asked for before that is not remembered. */
  private forgotten = 0

  /** Tokens that no sign-in of ours made (keys, tokens of the legacy secret) have no session to look up. */
  async stands(principal: Principal): Promise<boolean> {
    const { sessionId } = principal
    if (sessionId === null || this.standing.has(principal)) return true
    if (!/^[0-9a-f-]{36}$/i.test(sessionId)) return false
    const { forgotten } = this
    const { until } = await this.horizon.ask(async () => {
      const [row] = await this.sql<{ snapshot: string; until: number | null }[]>`
        select pg_current_snapshot()::text as snapshot, (
          select coalesce(extract(epoch from s.not_after) * 1000, 'Infinity')::float8
          from auth.sessions s join auth.users u on u.id = s.user_id
          where s.id = ${sessionId} and u.deleted_at is null and (u.banned_until is null or u.banned_until <= now())
            and (s.not_after is null or s.not_after > now())
        ) as until`
      return row ?? { snapshot: '0:0:', until: null }
    })
    if (forgotten !== this.forgotten) return this.stands(principal)
    if (until === null) return false
    this.standing.set(principal, until)
    return true
  }

  /** Whether the time of a token, or of the session behind it, has come. */
  isOver(principal: Principal, now = Date.now()): boolean {
    return principal.expiresAt * 1000 <= now || (this.standing.get(principal) ?? now + 1) <= now
  }

  /** Something about the session has changed. */
  forget(principal: Principal): void {
    this.forgotten += 1
    this.standing.delete(principal)
  }
}
