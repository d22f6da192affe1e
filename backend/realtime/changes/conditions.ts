import type { Logger } from 'pino'
import type postgres from 'postgres'
import { errorCode } from '../../start-error'
import { type Pools, textArray } from '../pools'
import type { Table, TableColumn } from './catalogue'
import { BindingError, type Condition, type Operator } from './filter'

/** A condition whose values were checked and brought into the form that PostgreSQL prints. */
export type Checked = Condition & {
  /** Equal text means equal value, so equality needs no database. */
  exact: boolean
  /** Only the database can look at it. */
  asked: boolean
}

/** bool, bytea, name, int8, int2, int4, text, oid, varchar, date, timestamp, timestamptz, uuid */
const EXACT_TYPES = new Set([16, 17, 19, 20, 21, 23, 25, 26, 1043, 1082, 1114, 1184, 2950])
const INTEGER_TYPES = new Set([20, 21, 23, 26])
/** Types whose printed form sorts as the value does, as long as years have four digits. */
const SORTED_TYPES = new Set([16, 1082, 1114, 1184, 2950])
const PATTERNS = new Set<Operator>(['like', 'ilike', 'match', 'imatch'])

const SQL: Partial<Record<Operator, string>> = {
  eq: '=',
  neq: '<>',
  lt: '<',
  lte: '<=',
  gt: '>',
  gte: '>=',
  in: '=',
  like: 'like',
  ilike: 'ilike',
  match: '~',
  imatch: '~*',
  isdistinct: 'is distinct from',
}

/** Forms that PostgreSQL takes and prints unchanged, whatever the settings: nearly every filter of a chat. */
const CANONICAL: Partial<Record<number, RegExp>> = {
  16: /^[tf]$/,
  20: /^(0|-?[1-9]\d{0,17})$/,
  21: /^(0|-?[1-9]\d{0,3})$/,
  23: /^(0|-?[1-9]\d{0,8})$/,
  2950: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
}

/** Whether a value of a built-in type is in the form that PostgreSQL prints; false where that is not certain. */
export const isCanonical = (base: number, value: string): boolean => CANONICAL[base]?.test(value) ?? false

/** The sqlstate of a statement that went on for longer than it may. */
const TOO_SLOW = '57014'

/** Longer patterns are no use to anybody and cost every change. */
const MAX_PATTERN = 500

/** A value, as it is written and as PostgreSQL prints it: `1e131071` are eight characters and 131,072 digits. */
const MAX_VALUE = 1_000

/** What a condition may take of the database's time, in milliseconds; of what it took, a tenth is forgotten each time. */
const MAX_SPENT_MS = 200

/** Looks at conditions of filters: here where that is certain to be right, otherwise in the database. */
export class Conditions {
  private readonly filtering: postgres.Sql
  private readonly checking: postgres.Sql
  private readonly log: Logger
  /** Filters that were given up because they took too long. */
  private readonly tooSlow = new WeakSet<Checked>()
  private readonly spent = new WeakMap<Checked, number>()

  constructor({ filtering, checking }: Pick<Pools, 'filtering' | 'checking'>, log: Logger) {
    this.filtering = filtering
    this.checking = checking
    this.log = log
  }

  /** Checks a filter against a table for a role. @throws BindingError */
  async check(table: Table, role: string, conditions: Condition[]): Promise<Checked[]> {
    const found: Checked[] = []
    for (const condition of conditions) {
      const column = table.columns.get(condition.column)
      if (!column || !table.readable.get(role)?.has(condition.column)) {
        throw new BindingError(`invalid column for filter ${condition.column}`)
      }
      const values = await this.canonical(column, condition)
      const checked = { ...condition, values, exact: EXACT_TYPES.has(column.base), asked: false }
      found.push({ ...checked, asked: holdsHere(column, checked, values[0] ?? '') === 'ask' })
    }
    return found
  }

  private async canonical(column: TableColumn, { operator, values }: Condition): Promise<string[]> {
    const [first = ''] = values
    if (operator === 'is') {
      if (first !== 'null' && first !== 'unknown' && column.base !== 16) {
        throw new BindingError(`\`is.${first}\` needs a boolean column, ${column.name} is ${column.type}`)
      }
      return values
    }
    if (PATTERNS.has(operator)) {
      if (!column.textual)
        throw new BindingError(`operator ${operator} needs a text column, ${column.name} is ${column.type}`)
      if (first.length > MAX_PATTERN) throw new BindingError(`the pattern for ${column.name} is too long`)
      await this.tryOut(`select '' ${SQL[operator]} $1::text`, [first], `pattern for ${column.name}`)
      return values
    }
    if (values.every((value) => isCanonical(column.base, value))) return values
    const tooLong = (value: string) => value.length > MAX_VALUE
    if (values.some(tooLong)) throw new BindingError(`the value for ${column.name} is too long`)
    const printed = await this.printed(column, values)
    if (printed.some(tooLong)) throw new BindingError(`the value for ${column.name} is too long`)
    return printed
  }

  /** Values as the stream prints them, cut off where they are too long. */
  private async printed(column: TableColumn, values: string[]): Promise<string[]> {
    // A cast to text prints some types differently.
    const query = `
      select left(format('%s', given.value::${column.sqlType}), ${MAX_VALUE + 1}) as value
      from unnest($1::text[]) with ordinality as given (value, n) order by n`
    const rows = await this.tryOut(query, [textArray(values)], `value for filter on ${column.name}`)
    return rows.map(({ value }) => value)
  }

  /**
   * Asks the database to try what a client gave. Twice where it takes too long: on a busy machine that says nothing about
   * what was given. @throws BindingError
   */
  private async tryOut(
    query: string,
    values: string[],
    what: string,
    again = true,
  ): Promise<{ value: string }[]> {
    try {
      return await this.checking.unsafe<{ value: string }[]>(query, values)
    } catch (error) {
      const code = errorCode(error) ?? ''
      if (code === TOO_SLOW && again) return this.tryOut(query, values, what, false)
      if (code === TOO_SLOW) throw new BindingError(`the ${what} takes too long to check`)
      // Data and syntax errors are the client's; anything else is ours.
      throw /^(22|42)/.test(code) ? new BindingError(`invalid ${what}`) : error
    }
  }

  /** Whether all conditions hold, as far as the database need not be asked; null: it has to be. */
  holdHere(
    table: Table,
    conditions: Checked[],
    fieldOf: (column: string) => string | null | undefined,
  ): boolean | null {
    let certain = true
    for (const condition of conditions) {
      const column = table.columns.get(condition.column)
      const value = fieldOf(condition.column)
      if (!column || value === undefined || this.tooSlow.has(condition)) return false
      const holds = holdsHere(column, condition, value)
      if (holds === 'ask') certain = false
      else if (holds === null || holds === condition.negated) return false
    }
    return certain || null
  }

  /** Whether all conditions hold; a value that the change does not have fails. Throws where the server was at fault. */
  async hold(
    table: Table,
    role: string,
    conditions: Checked[],
    fieldOf: (column: string) => string | null | undefined,
  ): Promise<boolean> {
    for (const condition of conditions) {
      const column = table.columns.get(condition.column)
      const value = fieldOf(condition.column)
      if (!column || value === undefined) return false
      const found = holdsHere(column, condition, value)
      const holds = found === 'ask' ? await this.ask(column, condition, value, role) : found
      if (holds === null || holds === condition.negated) return false
    }
    return true
  }

  /** Whether one of these was given up: its channel hears no more by this filter, and has to be told. */
  isGivenUp(conditions: Checked[]): boolean {
    return conditions.some((condition) => this.tooSlow.has(condition))
  }

  /** Changes are delivered one after another: everybody waits for what a filter takes, again and again. */
  private charge(condition: Checked, milliseconds: number): void {
    const spent = (this.spent.get(condition) ?? 0) * 0.9 + milliseconds
    this.spent.set(condition, spent)
    if (spent > MAX_SPENT_MS) this.tooSlow.add(condition)
  }

  private async ask(
    column: TableColumn,
    condition: Checked,
    value: string | null,
    role: string,
  ): Promise<boolean | null> {
    const { operator, values } = condition
    try {
      const probe = probeOf(column.sqlType, operator)
      const [row] = await this.filtering<{ letter: string; ms: number }[]>`
        select realtime.decide(${probe}, ${textArray([value, ...values])}::text[], ${role}, '{"{}"}') as letter,
          (extract(epoch from clock_timestamp() - statement_timestamp()) * 1000)::float8 as ms`
      this.charge(condition, row?.ms ?? 0)
      return row?.letter === 't' ? true : row?.letter === 'f' ? false : null
    } catch (error) {
      this.log.warn({ err: error }, 'realtime: a filter could not be looked at')
      // What a value or a pattern does wrong is answered; what is raised here is a fault of the server, and no answer.
      if (errorCode(error) !== TOO_SLOW) throw error
      this.charge(condition, Number.POSITIVE_INFINITY)
      return null
    }
  }
}

/** The condition over `$1`: the value of the row, then those of the filter. */
function probeOf(type: string, operator: Operator): string {
  const left = `($1)[1]::${type}`
  if (operator === 'in') return `select ${left} = any ((($1)[2:])::${type}[])`
  return `select ${left} ${SQL[operator]} ($1)[2]${PATTERNS.has(operator) ? '' : `::${type}`}`
}

/** True or false where text says it all, null where SQL would say null, `ask` where only the database knows. */
export function holdsHere(
  { base }: Pick<TableColumn, 'base'>,
  { operator, values, exact }: Checked,
  value: string | null,
): boolean | null | 'ask' {
  const [wanted = ''] = values
  if (operator === 'is') {
    if (wanted === 'null' || wanted === 'unknown') return value === null
    return value === (wanted === 'true' ? 't' : 'f')
  }
  if (value === null) return operator === 'isdistinct' ? true : null
  switch (operator) {
    case 'eq':
      return exact ? value === wanted : 'ask'
    case 'neq':
    case 'isdistinct':
      return exact ? value !== wanted : 'ask'
    case 'in':
      return exact ? values.includes(value) : 'ask'
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte': {
      const order = compare(base, value, wanted)
      if (order === null) return 'ask'
      if (operator === 'lt') return order < 0
      if (operator === 'lte') return order <= 0
      return operator === 'gt' ? order > 0 : order >= 0
    }
    default:
      return 'ask'
  }
}

function compare(base: number, a: string, b: string): number | null {
  if (INTEGER_TYPES.has(base)) {
    const [x, y] = [BigInt(a), BigInt(b)]
    return x < y ? -1 : Number(x > y)
  }
  if (!SORTED_TYPES.has(base)) return null
  // Years of five digits, `BC` and `infinity` do not sort as text.
  if (base !== 16 && base !== 2950 && ![a, b].every((text) => /^\d{4}-[^B]*$/.test(text))) return null
  return a < b ? -1 : Number(a > b)
}
