import type postgres from 'postgres'
import type { Horizon } from '../horizon'
import { textArray } from '../pools'
import type { Principal } from '../principals'
import type { Table } from './catalogue'
import type { Audience, Group } from './group'
import { quoteIdent } from './policies'

/** People asked about in one round trip. */
const CHUNK = 500

/** What was answered about one change: whoever has many bindings is asked about once. */
export class Answers {
  readonly ofScope = new Map<Principal, boolean | null>()
  readonly ofRow = new Map<Principal, boolean | null>()
}

/** Asks the policies who may see what. */
export class Visibility {
  private readonly sql: postgres.Sql
  private readonly horizon: Horizon

  /** `sql` connects as authenticator, which becomes each person in turn. */
  constructor(sql: postgres.Sql, horizon: Horizon) {
    this.sql = sql
    this.horizon = horizon
  }

  /**
   * Everybody of a group who may see a scope. What was found before is remembered; only those are asked who are new,
   * or whose answer may have changed. null: the policies could not be evaluated this way.
   */
  async audience(
    group: Group,
    table: Table,
    values: (string | null)[],
    { ofScope }: Answers,
  ): Promise<Set<Principal> | null> {
    const probe = table.scope?.probes.get(group.params.role)
    if (probe === undefined) return null
    const scope = JSON.stringify(values)
    const audience = group.audience(table.oid, scope)
    const unasked = group.unasked(audience)
    if (unasked.length > 0 && !(await this.ask(probe, values, audience, unasked, ofScope))) {
      group.forgetAll(table.oid, scope)
      return null
    }
    return audience.allowed
  }

  private async ask(
    probe: string,
    values: (string | null)[],
    audience: Audience,
    principals: Principal[],
    known: Map<Principal, boolean | null>,
  ): Promise<boolean> {
    const answers = await this.decideOnce(probe, values, principals, known).catch((error: unknown) => {
      // Nothing was learned: whoever was about to be asked must be asked again.
      for (const principal of principals) audience.again.add(principal)
      throw error
    })
    for (const [i, principal] of principals.entries()) {
      if (answers[i] === null) return false
      if (answers[i]) audience.allowed.add(principal)
      else audience.allowed.delete(principal)
    }
    return true
  }

  /** Who of these may see a row now, asked by its primary key. */
  async ofRow(
    table: Table,
    key: (string | null)[],
    principals: Principal[],
    { ofRow }: Answers,
  ): Promise<Set<Principal>> {
    const where = table.key.map((name, i) => {
      const type = table.columns.get(name)?.sqlType ?? 'text'
      return `${quoteIdent(name)} = ($1)[${i + 1}]::${type}`
    })
    const probe = `select exists (select 1 from ${quoteIdent(table.schema)}.${quoteIdent(table.name)} where ${where.join(' and ')})`
    const answers = await this.decideOnce(probe, key, principals, ofRow)
    return new Set(principals.filter((_, i) => answers[i] === true))
  }

  /** Asks only about those whose answer is not known yet. */
  private async decideOnce(
    probe: string,
    key: (string | null)[],
    principals: Principal[],
    known: Map<Principal, boolean | null>,
  ): Promise<(boolean | null)[]> {
    const unknown = principals.filter((principal) => !known.has(principal))
    const answers = unknown.length > 0 ? await this.decide(probe, key, unknown) : []
    for (const [i, principal] of unknown.entries()) known.set(principal, answers[i] ?? null)
    return principals.map((principal) => known.get(principal) ?? null)
  }

  /** One answer per principal; null where the policies raised an error. */
  private async decide(
    probe: string,
    key: (string | null)[],
    principals: Principal[],
  ): Promise<(boolean | null)[]> {
    const chunks: Principal[][] = []
    for (let i = 0; i < principals.length; i += CHUNK) chunks.push(principals.slice(i, i + CHUNK))
    const answers = await Promise.all(
      chunks.map(async (chunk) => {
        const role = chunk[0]?.role ?? 'anon'
        const claims = chunk.map((principal) => principal.claims)
        const { letters } = await this.horizon.ask(async () => {
          const [row] = await this.sql<{ snapshot: string; letters: string }[]>`
            select pg_current_snapshot()::text as snapshot,
              realtime.decide(${probe}, ${textArray(key)}::text[], ${role}, ${textArray(claims)}::text[]) as letters`
          return row ?? { snapshot: '', letters: '' }
        })
        return [...letters].map((letter) => (letter === 'x' ? null : letter === 't'))
      }),
    )
    return answers.flat()
  }
}
