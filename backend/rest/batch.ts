import type { Connection, Submittable } from 'pg'

/** One statement of a batch. */
export type Step = {
  text: string
  values: (string | null)[]
  /** Keep it prepared on the connection; `scope` keeps plans for different roles apart. */
  prepare: boolean
  scope: string
}

/** The rows of each statement, as text. */
export type BatchResult = (string | null)[][][]

/**
 * Statements that a connection keeps prepared for one scope, at most; the least recently used goes first. A plan with
 * policies takes tens of kilobytes, on every connection.
 */
const MAX_PREPARED = 60

/** Names of prepared statements by scope and text, and names to close. */
type Prepared = { scopes: Map<string, Map<string, string>>; closing: string[]; count: number }

const preparedBy = new WeakMap<Connection, Prepared>()

/**
 * Several statements in one network round trip: all are sent at once, with a single Sync at the end.
 *
 * Between two Syncs PostgreSQL runs what it gets as one transaction: if a statement fails, the rest is skipped and all of
 * it rolled back. That saves BEGIN, COMMIT and their answers, and nothing of a request can run outside of its transaction
 * when a connection breaks in the middle.
 */
export class Batch implements Submittable {
  readonly done: Promise<BatchResult>
  private readonly steps: Step[]
  private readonly rows: BatchResult = []
  private current: (string | null)[][] = []
  private readonly fresh: { names: Map<string, string>; text: string; name: string }[] = []
  private prepared: Prepared | undefined
  private resolve: (result: BatchResult) => void = () => {}
  private reject: (error: Error) => void = () => {}

  constructor(steps: Step[]) {
    this.steps = steps
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
  }

  /** Called by node-postgres when the connection is free. */
  submit(connection: Connection): void {
    const prepared = preparedBy.get(connection) ?? { scopes: new Map(), closing: [], count: 0 }
    preparedBy.set(connection, prepared)
    this.prepared = prepared
    connection.stream.cork()
    for (const name of prepared.closing.splice(0)) connection.close({ type: 'S', name }, true)
    for (const step of this.steps) {
      const statement = this.statement(connection, prepared, step)
      connection.bind({ statement, values: step.values }, true)
      connection.execute({}, true)
    }
    connection.sync()
    connection.stream.uncork()
  }

  private statement(connection: Connection, prepared: Prepared, { text, prepare, scope }: Step): string {
    if (!prepare) {
      connection.parse({ name: '', text, types: [] }, true)
      return ''
    }
    const names = prepared.scopes.get(scope) ?? new Map<string, string>()
    prepared.scopes.set(scope, names)
    const known = names.get(text)
    if (known !== undefined) {
      // Most recently used last.
      names.delete(text)
      names.set(text, known)
      return known
    }
    const name = `s${prepared.count++}`
    for (const [oldest, oldestName] of names) {
      if (names.size < MAX_PREPARED) break
      names.delete(oldest)
      connection.close({ type: 'S', name: oldestName }, true)
    }
    connection.parse({ name, text, types: [] }, true)
    names.set(text, name)
    this.fresh.push({ names, text, name })
    return name
  }

  handleDataRow(message: { fields: (string | null)[] }): void {
    this.current.push(message.fields)
  }

  handleCommandComplete(): void {
    this.rows.push(this.current)
    this.current = []
  }

  handleError(error: Error): void {
    // What this batch prepared may or may not exist now: forget it, and close what there is.
    for (const { names, text, name } of this.fresh) {
      names.delete(text)
      this.prepared?.closing.push(name)
    }
    this.reject(error)
  }

  handleReadyForQuery(): void {
    this.resolve(this.rows)
  }

  handleRowDescription(): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
}
