import type { Aggregate } from './ast'

/**
 * An aggregate inside of a spread: it is worked out by the level that the spread lifts its columns into.
 *
 * On its way there it is a column with the values themselves, or, once a to-many spread has drawn many rows together,
 * columns with what was drawn together so far, so that no other aggregate counts a row twice.
 */
export type Hoisted = {
  aggregate: Aggregate
  /** Name in the answer, written as an identifier. */
  name: string
  /** Writes the cast of the result. */
  cast(sql: string): string
  columns: string[]
  partial: boolean
}

/** SQL of the columns that draw the rows of `from` together, and what is then on its way. */
export function drawTogether(
  hoisted: Hoisted,
  from: string,
  alias: () => string,
): { sql: string[]; on: Hoisted } {
  const { aggregate, columns, partial } = hoisted
  const [first = '', second = ''] = columns.map((column) => `${from}.${column}`)
  let parts: string[]
  if (aggregate === 'avg')
    parts = partial ? [`sum(${first})`, `sum(${second})`] : [`sum(${first})`, `count(${first})`]
  else if (aggregate === 'count') parts = [partial ? `sum(${first})` : `count(${first})`]
  else parts = [`${aggregate}(${first})`]
  const names = parts.map(alias)
  const sql = parts.map((part, i) => `${part} as ${names[i]}`)
  return { sql, on: { ...hoisted, columns: names, partial: true } }
}

/** SQL of the aggregate itself, over the rows of a group of the level it ends in. */
export function finish({ aggregate, columns, partial, cast, name }: Hoisted, from: string): string {
  const [first = '', second = ''] = columns.map((column) => `${from}.${column}`)
  let sql = `${aggregate}(${first})`
  if (partial && aggregate === 'avg') sql = `sum(${first}) / nullif(sum(${second}), 0)`
  else if (partial && aggregate === 'count') sql = `coalesce(sum(${first}), 0)::bigint`
  return `${cast(sql)} as ${name}`
}

/** SQL that hands an aggregate's columns on to the next level. */
export function handOn(hoisted: Hoisted, from: string): string[] {
  return hoisted.columns.map((column) => `${from}.${column}`)
}
