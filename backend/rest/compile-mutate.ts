import type { Query } from './ast'
import type { Column, Relation } from './catalogue'
import { RestError } from './errors'
import { type Builder, ident, qualified } from './sql'

/** Columns that a body gives values to, found in the catalogue. */
export function payloadColumns(relation: Relation, names: string[]): Column[] {
  return names.map((name) => {
    const column = relation.columns.get(name)
    if (column) return column
    const message = `Could not find the '${name}' column of '${relation.name}' in the schema cache`
    throw new RestError(400, 'PGRST204', message)
  })
}

/** The body's objects as rows of the given columns; `defaults` fills in what an object leaves out. */
export function payloadSql(builder: Builder, columns: Column[], defaults: boolean): string {
  const body = builder.param('body', '', ({ body }) => body)
  const typed = columns.map((c) => `${ident(c.name)} ${c.type}`).join(', ')
  const filled = columns.filter((c) => c.default !== null)
  if (columns.length === 0) return `json_array_elements(${body}::text::json)`
  if (!defaults || filled.length === 0) return `json_to_recordset(${body}::text::json) as _(${typed})`
  const pairs = filled.map((c) => `${literal(c.name)}, ${c.default}`).join(', ')
  const elements = `select jsonb_agg(jsonb_build_object(${pairs}) || e) from jsonb_array_elements(${body}::text::jsonb) e`
  return `jsonb_to_recordset((${elements})) as _(${typed})`
}

/** A literal of a name of the catalogue. */
function literal(name: string): string {
  const quoted = name.replaceAll("'", "''")
  return name.includes('\\') ? `E'${quoted.replaceAll('\\', '\\\\')}'` : `'${quoted}'`
}

export type Insert = {
  relation: Relation
  columns: Column[]
  defaults: boolean
  resolution: 'merge' | 'ignore' | null
  onConflict: string[]
  /** PUT: WHERE clause on the body's row, which is called `_`. */
  only?: string
}

/** `current_setting` under which an upsert counts the rows that were there already. */
export const UPDATED_SETTING = 'pgrst.updated'

export function insertSql(builder: Builder, insert: Insert, returning: string): string {
  const { relation, columns, defaults, onConflict } = insert
  const names = columns.map((c) => ident(c.name)).join(', ')
  const into = `insert into ${qualified(relation)} as t${columns.length > 0 ? ` (${names})` : ''}`
  const rows = `select ${names} from ${payloadSql(builder, columns, defaults)}${insert.only ?? ''}`
  const target = onConflict.map(ident).join(', ')
  let conflict = ''
  if (insert.resolution !== null && onConflict.length > 0) {
    const sets = columns.map((c) => `${ident(c.name)} = excluded.${ident(c.name)}`).join(', ')
    const update = `do update set ${sets} where ${countUpdated}`
    conflict = ` on conflict (${target}) ${insert.resolution === 'merge' && sets ? update : 'do nothing'}`
  }
  return `${into} ${rows}${conflict} returning ${returning}`
}

// Counts in a setting of the transaction, which needs no privilege on any column and works for views too.
const countUpdated = `set_config('${UPDATED_SETTING}', (coalesce(nullif(current_setting('${UPDATED_SETTING}', true), ''), '0')::int + 1)::text, true) <> ''`

/** The columns whose uniqueness decides what a conflict is. */
export function conflictColumns(relation: Relation, query: Query): string[] {
  const names = query.onConflict ?? relation.primaryKey
  for (const name of names) {
    if (!relation.columns.has(name)) throw new RestError(400, '42703', `column "${name}" does not exist`)
  }
  return names
}

export function updateSql(
  builder: Builder,
  relation: Relation,
  columns: Column[],
  defaults: boolean,
  conditions: string,
  returning: string,
): string {
  const sets = columns.map((c) => `${ident(c.name)} = b.${ident(c.name)}`).join(', ')
  const payload = `(select * from ${payloadSql(builder, columns, defaults)} limit 1) b`
  return `update ${qualified(relation)} t set ${sets} from ${payload}${conditions} returning ${returning}`
}

export function deleteSql(relation: Relation, conditions: string, returning: string): string {
  return `delete from ${qualified(relation)} t${conditions} returning ${returning}`
}
