import type { Logger } from 'pino'
import type postgres from 'postgres'
import { isDatabaseAway } from '../../errors'
import { errorCode } from '../../start-error'
import type { Horizon } from '../horizon'
import { textArray } from '../pools'
import type { Principal } from '../principals'
import type { Callers } from './callers'
import type { Table } from './catalogue'
import type { Audience, Group } from './group'
import { type Joint, type Probe, quoteIdent } from './probes'
import { rowValues } from './toast'

type Values = (string | null)[]

/** People asked about in one round trip, together and one after another. */
const TOGETHER = 5_000
const ONE_BY_ONE = 500

/** Classes of errors that are the server's fault: they say nothing about the question, nor about the next time. */
const SERVERS_FAULT = /^(40|53|55P03|57|58|XX)/

/** Internal errors: extensions raise them for what they are given, too, so it may be about one person. */
const INTERNAL = /^XX/

/** What was answered about one change: whoever has many bindings is asked about once. */
export class Answers {
  readonly ofScope = new Map<Principal, boolean | null>()
  readonly ofRow = new Map<Principal, boolean | null>()
  /** About whom nothing could be found out. */
  readonly failed = new Set<Principal>()
  /** What policies look at in the row as it is now; null: it is gone. */
  row: Promise<Values | null> | undefined
}

type Options = {
  /** Connects as authenticator, which becomes each person in turn. */
  asking: postgres.Sql
  /** A superuser that prints as the stream does. */
  reader: postgres.Sql
  horizon: Horizon
  callers: Callers
  log: Logger
}

/** Asks the policies who may see what. */
export class Visibility {
  private readonly options: Options
  /** Questions that turned out not to be answerable about many people at once. */
  private readonly notTogether = new WeakSet<Joint>()

  constructor(options: Options) {
    this.options = options
  }

  /**
   * Everybody of a group who may see a scope. What was found before is remembered; only those are asked who are new,
   * or whose answer may have changed. null: the policies could not be evaluated this way.
   */
  async audience(
    group: Group,
    table: Table,
    values: Values,
    { ofScope, failed }: Answers,
  ): Promise<Set<Principal> | null> {
    const probe = table.scope?.probes.get(group.params.role)
    if (probe === undefined) return null
    const scope = JSON.stringify(values)
    const audience = group.audience(table.oid, scope)
    const unasked = group.unasked(audience)
    if (unasked.length > 0 && !(await this.ask(probe, values, audience, unasked, ofScope, failed))) {
      group.forgetAll(table.oid, scope)
      return null
    }
    return audience.allowed
  }

  private async ask(
    probe: Probe,
    values: Values,
    audience: Audience,
    principals: Principal[],
    known: Map<Principal, boolean | null>,
    failed: Set<Principal>,
  ): Promise<boolean> {
    const answers = await this.decideOnce(probe, values, principals, known, failed).catch(
      (error: unknown) => {
        // Nothing was learned: whoever was about to be asked must be asked again.
        for (const principal of principals) audience.again.add(principal)
        throw error
      },
    )
    // Raised for everybody: the role may not ask this way. Raised for some: those may not see it.
    if (answers.every((answer, i) => answer === null && !failed.has(principals[i] as Principal))) return false
    for (const [i, principal] of principals.entries()) {
      if (answers[i]) audience.allowed.add(principal)
      else audience.allowed.delete(principal)
      if (failed.has(principal)) audience.again.add(principal)
    }
    return true
  }

  /** Who of these, who have one role, may see a row now, asked by its primary key. */
  async ofRow(table: Table, key: Values, principals: Principal[], answers: Answers): Promise<Set<Principal>> {
    const where = table.key.map((name, i) => {
      const type = table.columns.get(name)?.sqlType ?? 'text'
      return `${quoteIdent(name)} = ($1)[${i + 1}]::${type}`
    })
    const { ofRow, failed } = answers
    const single = `select exists (select 1 from ${quoteIdent(table.schema)}.${quoteIdent(table.name)} where ${where.join(' and ')})`
    const probe = table.row?.probes.get(principals[0]?.role ?? '')
    const joint = probe?.joint ?? null
    if (table.row && joint && !this.notTogether.has(joint)) {
      answers.row ??= rowValues(this.options, table, key, table.row.columns)
      const row = await answers.row
      if (!row) return new Set()
      const found = await this.decideOnce({ single, joint }, row, principals, ofRow, failed, key)
      return new Set(principals.filter((_, i) => found[i] === true))
    }
    const found = await this.decideOnce({ single, joint: null }, key, principals, ofRow, failed)
    return new Set(principals.filter((_, i) => found[i] === true))
  }

  /** Asks only about those whose answer is not known yet. `singleValues`: where they differ from those of the joint question. */
  private async decideOnce(
    probe: Probe,
    values: Values,
    principals: Principal[],
    known: Map<Principal, boolean | null>,
    failed: Set<Principal>,
    singleValues = values,
  ): Promise<(boolean | null)[]> {
    const unknown = principals.filter((principal) => !known.has(principal))
    if (unknown.length > 0) {
      const answers =
        (await this.decideTogether(probe.joint, values, unknown)) ??
        (await this.decideOneByOne(probe.single, singleValues, unknown, failed))
      for (const [i, principal] of unknown.entries()) known.set(principal, answers[i] ?? null)
    }
    return principals.map((principal) => known.get(principal) ?? null)
  }

  /** One answer per principal, null where what policies call raised; null: it cannot be asked this way. */
  private async decideTogether(
    joint: Joint | null,
    values: Values,
    principals: Principal[],
  ): Promise<(boolean | null)[] | null> {
    if (!joint || this.notTogether.has(joint)) return null
    try {
      const callers = await this.options.callers.answers(joint.calls, principals)
      const askable = [...callers.keys()].filter((i) => callers[i])
      const answers: (boolean | null)[] = callers.map((caller) => (caller ? false : null))
      await Promise.all(
        chunksOf(askable, TOGETHER).map(async (chunk) => {
          const columns = joint.calls.map((_, c) => chunk.map((i) => callers[i]?.[c] ?? null))
          const role = principals[0]?.role ?? 'anon'
          const { numbers } = await this.options.horizon.ask(async () => {
            const [row] = await this.options.asking<{ snapshot: string; numbers: string }[]>`
              select pg_current_snapshot()::text as snapshot, realtime.decide_jointly(
                ${joint.query}, ${textArray(values)}::text[], ${role}, ${textArray(columns.flat())}::text[],
                ${chunk.length}) as numbers`
            return row ?? { snapshot: '', numbers: '' }
          })
          for (const n of numbers === '' ? [] : numbers.split(',')) answers[chunk[Number(n) - 1] ?? -1] = true
        }),
      )
      return answers
    } catch (error) {
      if (isDatabaseAway(error)) throw error
      this.options.log.debug({ err: error }, 'realtime: people are asked about one after another')
      if (!SERVERS_FAULT.test(errorCode(error) ?? '')) this.notTogether.add(joint)
      return null
    }
  }

  /** One answer per principal; null where the policies raised an error. */
  private async decideOneByOne(
    probe: string,
    values: Values,
    principals: Principal[],
    failed: Set<Principal>,
  ): Promise<(boolean | null)[]> {
    const answers = await Promise.all(
      chunksOf(principals, ONE_BY_ONE).map((chunk) => this.askEach(probe, values, chunk, failed)),
    )
    return answers.flat()
  }

  private async askEach(
    probe: string,
    values: Values,
    chunk: Principal[],
    failed: Set<Principal>,
  ): Promise<(boolean | null)[]> {
    try {
      const claims = chunk.map((principal) => principal.claims)
      const { letters } = await this.options.horizon.ask(async () => {
        const [row] = await this.options.asking<{ snapshot: string; letters: string }[]>`
          select pg_current_snapshot()::text as snapshot,
            realtime.decide(${probe}, ${textArray(values)}::text[], ${chunk[0]?.role ?? 'anon'},
              ${textArray(claims)}::text[]) as letters`
        return row ?? { snapshot: '', letters: '' }
      })
      return [...letters].map((letter) => (letter === 'x' ? null : letter === 't'))
    } catch (error) {
      if (!INTERNAL.test(errorCode(error) ?? '')) throw error
      if (chunk.length > 1) {
        // What is raised for somebody must not be a fault for everybody who is asked about with them.
        const half = Math.ceil(chunk.length / 2)
        const first = await this.askEach(probe, values, chunk.slice(0, half), failed)
        return [...first, ...(await this.askEach(probe, values, chunk.slice(half), failed))]
      }
      this.options.log.warn({ err: error }, 'realtime: it could not be found out what somebody may see')
      for (const principal of chunk) failed.add(principal)
      return [null]
    }
  }
}

function chunksOf<T>(all: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size))
}
