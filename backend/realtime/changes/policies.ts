import { type Declaration, type Dependency, parseDeclaration } from './declarations'
import { type Probe, probeOf, type ScopedColumn } from './probes'

/** A policy as the catalogue query returns it. */
export type PolicyRow = {
  name: string
  permissive: boolean
  /** The expression, with all names qualified. */
  using: string | null
  comment: string | null
  /** The roles of interest that it binds. */
  roles: string[]
  /** Columns of its own table, and other tables, that the expression reads. */
  columns: string[]
  tables: [schema: string, table: string][]
  /** Functions without arguments that the expression calls, as it writes them, with the type of their result. */
  calls: [call: string, type: string][]
  /** Whether it may learn of the caller by anything but `calls`. */
  opaque: boolean
}

/** A table whose visibility is a function of a few of its columns. */
export type Scope = {
  columns: string[]
  depends: Dependency[]
  /** By role: a question about scope values, whether or not a row with them exists. */
  probes: Map<string, Probe>
}

/**
 * The scope of a table, if every SELECT policy declares the same one and PostgreSQL's own record of what the policies
 * read agrees. A string says why a declaration cannot be used; null: nothing is declared.
 */
export function scopeOf(
  table: string,
  policies: PolicyRow[],
  columns: ScopedColumn[],
  roles: Iterable<string>,
  isHeard: (dependency: Dependency) => boolean,
): Scope | string | null {
  const declarations: Declaration[] = []
  for (const { name, comment } of policies) {
    const declaration = parseDeclaration(comment)
    if (declaration) declarations.push(declaration)
    else if (comment?.includes('@realtime')) return `the declaration of policy ${name} cannot be read`
  }
  const [first] = declarations
  if (!first || first.scope.length === 0) return null
  if (declarations.length < policies.length) return 'not every SELECT policy declares a scope'
  if (declarations.some(({ scope }) => scope.join() !== first.scope.join()))
    return 'policies declare different scopes'
  const depends = declarations.flatMap((declaration) => declaration.depends)
  const problem = problemOf(first.scope, depends, policies, columns, isHeard)
  if (problem) return problem
  const scoped = first.scope.map((name) => columns.find((column) => column.name === name) as ScopedColumn)
  const probes = new Map([...roles].map((role) => [role, probeOf(table, policies, scoped, role)]))
  return { columns: first.scope, depends, probes }
}

function problemOf(
  scope: string[],
  depends: Dependency[],
  policies: PolicyRow[],
  columns: ScopedColumn[],
  isHeard: (dependency: Dependency) => boolean,
): string | null {
  const missing = scope.find((name) => !columns.some((column) => column.name === name))
  if (missing) return `there is no column ${missing}`
  for (const policy of policies) {
    if (policy.using === null) return `policy ${policy.name} has no expression`
    const column = policy.columns.find((name) => !scope.includes(name))
    if (column) return `policy ${policy.name} reads column ${column}, which is not in the scope`
    const table = policy.tables.find(([s, t]) => !depends.some((d) => d.schema === s && d.table === t))
    if (table) return `policy ${policy.name} reads ${table.join('.')}, which is not declared`
  }
  const deaf = depends.find((dependency) => !isHeard(dependency))
  if (deaf)
    return `changes of ${deaf.schema}.${deaf.table} cannot be followed: it needs to be a table with a primary key`
  return null
}
