/** A value of the request: by its place among the query's values, so that a plan serves every request of its shape. */
export type Operand = { slot: number } | { text: string }

/** One step of a JSON path: `->key`, `->>key`, `->0`. */
export type JsonStep = { arrow: '->' | '->>'; key: string | number }

/** A column, or something inside of it. */
export type Field = { name: string; path: JsonStep[] }

export const AGGREGATES = ['sum', 'avg', 'min', 'max', 'count'] as const
export type Aggregate = (typeof AGGREGATES)[number]

export type FieldItem = {
  kind: 'field'
  /** `null` is `count()`: of rows, not of a column. */
  field: Field | null
  alias?: string
  cast?: string
  aggregate?: Aggregate
  aggregateCast?: string
}

export type EmbedItem = {
  kind: 'embed'
  target: string
  alias?: string
  hint?: string
  join?: 'inner' | 'left'
  spread: boolean
  items: SelectItem[]
}

export type SelectItem = { kind: 'star' } | FieldItem | EmbedItem

export type Filter = {
  kind: 'filter'
  field: Field
  not: boolean
  op: string
  quantifier?: 'any' | 'all'
  /** Text search configuration of the `fts` family. */
  language?: string
  value: Operand
}

export type Logic = { kind: 'and' | 'or'; not: boolean; terms: Condition[] }
export type Condition = Filter | Logic

export type OrderTerm = {
  /** A to-one embed whose column is meant. */
  relation?: string
  field: Field
  direction?: 'asc' | 'desc'
  nulls?: 'first' | 'last'
}

/** What a query string asks of one level of the result: the root, or an embed named by its path. */
export type Level = { conditions: Condition[]; order?: OrderTerm[]; limit?: Operand; offset?: Operand }

/** A parsed query string. */
export type Query = {
  select: SelectItem[]
  root: Level
  /** Levels of embeds, by path (`posts`, `posts.comments`). */
  embeds: { path: string[]; level: Level }[]
  columns?: string[]
  onConflict?: string[]
  /** `rpc` by GET: arguments of the function, a name more than once for a variadic one. */
  args: { name: string; value: Operand }[]
}
