/** A table that decisions depend on: which of its columns name the person, and which the scope. */
export type Dependency = {
  schema: string
  table: string
  /** null (`*`): a change concerns everybody. */
  userColumn: string | null
  /** In the order of the declaration's scope columns; empty: a change concerns every scope. */
  scopeColumns: string[]
}

/**
 * What a policy says about itself in its comment:
 * `@realtime scope=channel_id depends=private.channel_access(user_id,channel_id);…`
 * For one person its answer is the same for all rows with the same scope, until a row of the named tables changes.
 */
export type Declaration = { scope: string[]; depends: Dependency[] }

const NAME = '[a-z_][a-z0-9_$]*'
const DEPENDENCY = new RegExp(`^(${NAME})\\.(${NAME})\\((\\*|${NAME})((?:,${NAME})*)\\)$`)

/** Reads a policy's comment. null: it declares nothing, or nothing that can be understood. */
export function parseDeclaration(comment: string | null): Declaration | null {
  const found = /@realtime\b([^\n]*)/.exec(comment ?? '')
  if (!found) return null
  const declaration: Declaration = { scope: [], depends: [] }
  for (const [, key, value = ''] of (found[1] ?? '').matchAll(/(\w+)=(\S*)/g)) {
    if (key === 'scope') declaration.scope = value.split(',').filter(Boolean)
    else if (key === 'depends') {
      for (const part of value.split(';').filter(Boolean)) {
        const match = DEPENDENCY.exec(part)
        if (!match) return null
        const [, schema = '', table = '', user = '', scope = ''] = match
        const scopeColumns = scope.split(',').filter(Boolean)
        declaration.depends.push({ schema, table, userColumn: user === '*' ? null : user, scopeColumns })
      }
    } else return null
  }
  if (declaration.scope.some((column) => !new RegExp(`^${NAME}$`).test(column))) return null
  return declaration
}
