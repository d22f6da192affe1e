import type { Relation, RowChange, Tuple } from '../wal/pgoutput'
import type { Rule } from './catalogue'

/** Whose answers changed and for which scope; null: everybody's, every scope. */
export type Touched = { user: string | null; scope: string | null }

const EVERYTHING: Touched = { user: null, scope: null }

/** What a change of a table means for a rule: the person and scope that its row names now, and named before. */
export function touchedBy(
  step: RowChange | { tag: 'truncate'; relations: Relation[] },
  rule: Rule,
): Touched[] {
  if (step.tag === 'truncate') return [EVERYTHING]
  const { relation, old, new: row } = step
  const { userColumn, scopeColumns } = rule.dependency
  const columns = userColumn === null ? scopeColumns : [userColumn, ...scopeColumns]
  const at = new Map(relation.columns.map((column, i) => [column.name, { i, key: column.key }]))
  // An update without an old row kept its key; of other columns it is not known what they were.
  if (step.tag === 'update' && !old && !columns.every((name) => at.get(name)?.key)) return [EVERYTHING]
  const sides = [old, row].filter((tuple) => tuple !== null)
  return sides.map((tuple) => named(tuple, rule, (name) => at.get(name)?.i ?? -1))
}

function named(tuple: Tuple, { dependency, table }: Rule, place: (column: string) => number): Touched {
  const { userColumn, scopeColumns } = dependency
  const user = userColumn === null ? null : tuple[place(userColumn)]
  if (user === undefined || (user === null && userColumn !== null)) return EVERYTHING
  const values = scopeColumns.map((name) => tuple[place(name)])
  // Only a complete scope can be looked up.
  const known =
    values.length > 0 && values.length === table?.scope?.columns.length && !values.includes(undefined)
  return { user, scope: known ? JSON.stringify(values) : null }
}
