import type postgres from 'postgres'
import type { Horizon } from '../horizon'
import { textArray } from '../pools'
import type { Principal } from '../principals'

/** The call raised. */
const RAISED = Symbol('raised')

/** What the calls of policies answer to somebody. */
type Answers = { byCall: Map<string, string | null | typeof RAISED>; madeAt: number }

/** People asked about in one round trip. */
const CHUNK = 500

/** Newcomers are waited for so long, to be asked about together. */
const GATHER_MS = 25

/** Answers this old are asked for again, as the decisions made with them are. */
const MAX_AGE_MS = 15 * 60_000

/**
 * Who policies take somebody for: what the functions answer that they call to learn who asks. That is the same for
 * every row, so it is remembered apart from decisions, and forgotten with anything that changes about the person.
 */
export class Callers {
  private readonly sql: postgres.Sql
  private readonly horizon: Horizon
  private known = new WeakMap<Principal, Answers>()
  /** Counts what was forgotten: an answer that was asked for before that does not count. */
  private epoch = 0
  private forgotten = new WeakMap<Principal, number>()
  private allForgotten = 0
  private newcomers = new Map<string, { calls: string[]; principals: Set<Principal> }>()

  /** `sql` connects as authenticator. */
  constructor(sql: postgres.Sql, horizon: Horizon) {
    this.sql = sql
    this.horizon = horizon
  }

  /** The answers to these calls for each of these people, who have one role; null where a call raised. */
  async answers(calls: string[], principals: Principal[]): Promise<((string | null)[] | null)[]> {
    // There is nothing to ask, so nothing that could raise: whoever is not known yet must not be remembered as if it had.
    if (calls.length === 0) return principals.map(() => [])
    // Again for those about whom something changed meanwhile: of them nothing is known, which is not that a call raised.
    for (let missing = this.unknown(calls, principals); missing.length > 0; ) {
      const chunks: Principal[][] = []
      for (let i = 0; i < missing.length; i += CHUNK) chunks.push(missing.slice(i, i + CHUNK))
      await Promise.all(chunks.map((chunk) => this.ask(calls, chunk)))
      missing = this.unknown(calls, missing)
    }
    return principals.map((principal) => {
      const byCall = this.known.get(principal)?.byCall
      const values = calls.map((call) => byCall?.get(call) ?? null)
      return values.every((value) => value !== RAISED) ? values : null
    })
  }

  private unknown(calls: string[], principals: Principal[]): Principal[] {
    const oldest = Date.now() - MAX_AGE_MS
    return principals.filter((principal) => {
      const found = this.known.get(principal)
      if (!found || found.madeAt < oldest) return true
      return calls.some((call) => !found.byCall.has(call))
    })
  }

  /** Somebody has come: the answers are asked for before the first change needs them. Failing is of no consequence. */
  expect(calls: string[], principal: Principal): void {
    if (calls.length === 0) return
    const key = JSON.stringify([principal.role, calls])
    const waiting = this.newcomers.get(key)
    if (waiting) {
      waiting.principals.add(principal)
      return
    }
    const principals = new Set([principal])
    this.newcomers.set(key, { calls, principals })
    setTimeout(() => {
      this.newcomers.delete(key)
      this.answers(calls, [...principals]).catch(() => {})
    }, GATHER_MS).unref()
  }

  forget(principal: Principal): void {
    this.epoch += 1
    this.forgotten.set(principal, this.epoch)
    this.known.delete(principal)
  }

  forgetAll(): void {
    this.epoch += 1
    this.allForgotten = this.epoch
    this.known = new WeakMap()
  }

  private async ask(calls: string[], principals: Principal[]): Promise<void> {
    const { epoch } = this
    const { answers } = await this.horizon.ask(async () => {
      const [row] = await this.sql<{ snapshot: string; answers: string }[]>`
        select pg_current_snapshot()::text as snapshot, realtime.answers_to_calls(
          ${textArray(calls)}::text[], ${principals[0]?.role ?? 'anon'},
          ${textArray(principals.map(({ claims }) => claims))}::text[]) as answers`
      return row ?? { snapshot: '', answers: '[]' }
    })
    const found = JSON.parse(answers) as ((string | null)[] | null)[]
    const raised = principals.filter((_, i) => !found[i])
    // One that raises says nothing about the others, which may be all that another table calls.
    if (raised.length > 0 && calls.length > 1)
      await Promise.all(calls.map((call) => this.ask([call], raised)))
    if (this.allForgotten > epoch) return
    for (const [i, principal] of principals.entries()) {
      const values = found[i]
      if ((this.forgotten.get(principal) ?? 0) > epoch || (!values && calls.length > 1)) continue
      const before = this.known.get(principal)?.byCall ?? []
      const now = calls.map((call, n) => [call, values ? (values[n] ?? null) : RAISED] as const)
      this.known.set(principal, { byCall: new Map([...before, ...now]), madeAt: Date.now() })
    }
  }
}
