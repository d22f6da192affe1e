import { setImmediate } from 'node:timers/promises'
import type { Logger } from 'pino'
import { isDatabaseAway } from '../errors'
import type { Callers } from './changes/callers'
import type { Catalogue, CatalogueState } from './changes/catalogue'
import type { Dispatcher } from './changes/dispatcher'
import { changeOf } from './changes/payload'
import type { Subscriptions } from './changes/subscriptions'
import { touchedBy } from './changes/touched'
import type { Horizon } from './horizon'
import type { Principal } from './principals'
import type { Broadcasts } from './server-broadcast'
import type { Relation } from './wal/pgoutput'
import type { Step, Transaction } from './wal/transaction'

/** Who has to hear that rights may have changed. */
export type Watch = {
  /** Rights on private topics: of one person, or (null) of everybody. */
  doubt(sub: string | null): void
  /** Something about a session changed: its end, or how strong it is. */
  doubtSession(sessionId: string): void
  endSession(sessionId: string): void
  endPerson(sub: string): void
  endAllSessions(): void
  /** Principals in use: of a person, of a session. */
  principals(sub: string): Iterable<Principal>
  ofSession(sessionId: string): Iterable<Principal>
}

type Options = {
  horizon: Horizon
  catalogue: Catalogue
  subscriptions: Subscriptions
  callers: Callers
  dispatcher: Dispatcher
  broadcasts: Broadcasts
  watch: Watch
  /** Asks the database for a snapshot, so that the horizon can let go of what it sees. */
  settle(): Promise<void>
  log: Logger
}

/** Transactions that the horizon may carry before it is settled without need. */
const MAX_UNSEEN = 1_000

/** A privilege is seen by other connections a moment after its commit is in the WAL. */
const DDL_ECHO_MS = 200

const STEPS_PER_TURN = 50

/** Deals with transactions in commit order: first what they change about rights, then what they deliver. */
export class Feed {
  private readonly options: Options

  constructor(options: Options) {
    this.options = options
  }

  async take(transaction: Transaction): Promise<void> {
    const { horizon, catalogue } = this.options
    const { steps } = transaction
    if (transaction.first) horizon.note(transaction.xid)
    const schemaChanged = steps.some((step) => step.tag === 'message' && step.prefix === 'realtime:ddl')
    // A later part may change the schema or take rights away that an earlier one would still be delivered by. What is asked
    // from here on is answered from after the commit of all parts.
    if (schemaChanged || (!transaction.whole && transaction.first)) this.forgetSchema()
    const state = await catalogue.get()
    for (const step of steps) this.revoke(step, state)
    for (const [i, step] of steps.entries()) {
      // Sockets take what they have before more is put in front of them.
      if (i % STEPS_PER_TURN === STEPS_PER_TURN - 1) await setImmediate()
      await this.tryDeliver(step, transaction, state)
    }
    if (horizon.size > MAX_UNSEEN) await this.options.settle()
  }

  /** Changes were lost: nothing that is remembered can be trusted. */
  reset(): void {
    this.forgetSchema()
  }

  private forgetSchema(): void {
    const { catalogue } = this.options
    const forget = () => {
      catalogue.forget()
      this.forgetAnswers()
    }
    forget()
    setTimeout(forget, DDL_ECHO_MS).unref()
  }

  private forgetAnswers(): void {
    this.options.callers.forgetAll()
    for (const group of this.options.subscriptions.all()) group.forgetAll(null, null)
    this.options.watch.doubt(null)
  }

  /** Forgets the answers that a step may have changed and ends what it ended. */
  private revoke(step: Step, state: CatalogueState): void {
    if (step.tag === 'message') return
    const relations = step.tag === 'truncate' ? step.relations : [step.relation]
    for (const relation of relations) {
      this.followSignIns(step, relation)
      for (const rule of state.rules.get(`${relation.schema}.${relation.name}`) ?? []) {
        for (const { user, scope } of touchedBy(step, rule)) this.forget(rule.table?.oid ?? null, user, scope)
      }
    }
  }

  private forget(table: number | null, user: string | null, scope: string | null): void {
    const { subscriptions, callers, watch } = this.options
    // Whom policies take somebody for depends on no scope, and on nothing else than their answers do.
    if (user !== null) for (const principal of watch.principals(user)) callers.forget(principal)
    else if (scope === null) callers.forgetAll()
    if (table === null) watch.doubt(user)
    else if (user === null) for (const group of subscriptions.all()) group.forgetAll(table, scope)
    else {
      for (const principal of watch.principals(user)) {
        for (const group of subscriptions.groupsOf(principal)) group.forget(table, principal, scope)
      }
    }
  }

  /** Everything that is remembered of somebody: policies may ask whether their sign-in counts. */
  private forgetPrincipals(principals: Iterable<Principal>): void {
    const { subscriptions, callers } = this.options
    for (const principal of principals) {
      callers.forget(principal)
      for (const group of subscriptions.groupsOf(principal)) group.forget(null, principal, null)
    }
  }

  /** Ends or doubts the sign-ins that a change of sessions and accounts concerns. */
  private followSignIns(step: Exclude<Step, { tag: 'message' }>, { schema, name }: Relation): void {
    const { watch } = this.options
    if (schema !== 'auth' || (name !== 'sessions' && name !== 'users')) return
    if (step.tag === 'truncate') watch.endAllSessions()
    if (step.tag === 'truncate' || step.tag === 'insert') return
    const row = (column: string) => field(step.relation, step.new ?? step.old, column)
    const id = row('id')
    if (!id) return
    if (name === 'sessions') {
      if (step.tag === 'delete') watch.endSession(id)
      else {
        this.forgetPrincipals(watch.ofSession(id))
        watch.doubtSession(id)
      }
      return
    }
    const banned = row('banned_until')
    const isBanned = banned && (banned === 'infinity' || new Date(banned) > new Date())
    if (step.tag === 'delete' || row('deleted_at') || isBanned) watch.endPerson(id)
    this.forgetPrincipals(watch.principals(id))
    watch.doubt(id)
  }

  private async tryDeliver(step: Step, transaction: Transaction, state: CatalogueState): Promise<void> {
    try {
      await this.deliver(step, transaction, state)
    } catch (error) {
      // Away: the stream breaks off too, and this transaction comes again. Otherwise it would fail for ever.
      if (isDatabaseAway(error)) throw error
      this.options.log.error({ err: error }, 'realtime: a change could not be delivered')
    }
  }

  private async deliver(step: Step, { xid, committedAt }: Transaction, state: CatalogueState): Promise<void> {
    if (step.tag === 'message' || step.tag === 'truncate') return
    const { broadcasts, dispatcher } = this.options
    if (step.tag === 'insert' && broadcasts.isSentThrough(step.relation)) {
      broadcasts.fromRow(step.relation, step.new, xid)
    }
    const table = state.tables.get(step.relation.oid)
    if (table) await dispatcher.dispatch(changeOf(table, step, committedAt), xid, state)
  }
}

function field({ columns }: Relation, tuple: (string | null | undefined)[], name: string) {
  return tuple[columns.findIndex((column) => column.name === name)]
}
