import { setImmediate } from 'node:timers/promises'
import type postgres from 'postgres'
import type { Horizon } from './horizon'
import { textArray } from './pools'
import type { Principal } from './principals'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

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
  /** A question that is about to be asked. */
  private asking: { ids: Set<string>; ends: Promise<Record<string, string>> } | null = null
  /** Counts what was forgotten: an answer that was asked for before that is not remembered. */
  private forgotten = 0

  /** Tokens that no sign-in of ours made (keys, tokens of the legacy secret) have no session to look up. */
  async stands(principal: Principal): Promise<boolean> {
    const { sessionId } = principal
    if (sessionId === null || this.standing.has(principal)) return true
    if (!UUID.test(sessionId)) return false
    const { forgotten } = this
    const until = await this.endOf(sessionId.toLowerCase())
    if (forgotten !== this.forgotten) return this.stands(principal)
    if (until === null) return false
    this.standing.set(principal, until)
    return true
  }

  /** When a session ends, in milliseconds since 1970; null: it does not stand. Everybody who asks in one tick asks together. */
  private async endOf(sessionId: string): Promise<number | null> {
    this.asking ??= this.ask()
    this.asking.ids.add(sessionId)
    const ends = await this.asking.ends
    return sessionId in ends ? Number(ends[sessionId]) : null
  }

  private ask(): { ids: Set<string>; ends: Promise<Record<string, string>> } {
    const ids = new Set<string>()
    const ends = setImmediate().then(() => {
      this.asking = null
      return this.horizon.ask(async () => {
        const [row] = await this.sql<{ snapshot: string; ends: Record<string, string> }[]>`
          select pg_current_snapshot()::text as snapshot, (
            select coalesce(json_object_agg(
              s.id, coalesce(extract(epoch from s.not_after) * 1000, 'Infinity')::float8::text), '{}')
            from auth.sessions s join auth.users u on u.id = s.user_id
            where s.id = any (${textArray([...ids])}::text[]::uuid[])
              and u.deleted_at is null and (u.banned_until is null or u.banned_until <= now())
              and (s.not_after is null or s.not_after > now())
          ) as ends`
        return row ?? { snapshot: '0:0:', ends: {} }
      })
    })
    return { ids, ends: ends.then((answer) => answer.ends) }
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
