import type { Argument, Catalogue, Column, Relation, Routine } from './catalogue'

/** Which relations and functions a role may use; parameters are the oids to ask about. */
export const PRIVILEGES_QUERY = `
select json_build_object(
  'relations', coalesce((
    select json_object_agg(o, json_build_object(
      'get', has_any_column_privilege(o, 'select'), 'post', has_any_column_privilege(o, 'insert'),
      'patch', has_any_column_privilege(o, 'update'), 'delete', has_table_privilege(o, 'delete')
    )) from unnest($1::oid[]) o
  ), '{}'),
  'routines', coalesce((select json_agg(o::int8) from unnest($2::oid[]) o where has_function_privilege(o, 'execute')), '[]')
)::text`

type Verbs = { get: boolean; post: boolean; patch: boolean; delete: boolean }
type Privileges = { relations: Record<string, Verbs>; routines: number[] }

/** The oids that the privileges query wants. */
export function describedOids(catalogue: Catalogue, schema: string): [string, string] {
  const relations = [...(catalogue.relations.get(schema)?.values() ?? [])].map((r) => r.oid)
  const routines = [...(catalogue.routines.get(schema)?.values() ?? [])].flat().map((r) => r.oid)
  return [`{${relations.join(',')}}`, `{${routines.join(',')}}`]
}

/** The OpenAPI (Swagger 2.0) description of what a role may use. */
export function describeApi(catalogue: Catalogue, schema: string, privileges: string): string {
  const { relations, routines } = JSON.parse(privileges) as Privileges
  const paths: Record<string, unknown> = {}
  const definitions: Record<string, unknown> = {}
  for (const relation of catalogue.relations.get(schema)?.values() ?? []) {
    const verbs = relations[relation.oid]
    if (!verbs || !Object.values(verbs).includes(true)) continue
    paths[`/${relation.name}`] = operations(relation, verbs)
    definitions[relation.name] = definition(relation)
  }
  for (const overloads of catalogue.routines.get(schema)?.values() ?? []) {
    const [routine] = overloads.filter((r) => routines.includes(r.oid) && !isComputed(catalogue, r))
    if (routine) paths[`/rpc/${routine.name}`] = { post: call(routine) }
  }
  return JSON.stringify({
    swagger: '2.0',
    info: { title: 'REST', description: 'The part of PostgREST that this server has', version: '1' },
    basePath: '/rest/v1',
    consumes: ['application/json', 'text/csv', 'application/x-www-form-urlencoded'],
    produces: ['application/json', 'application/vnd.pgrst.object+json', 'text/csv'],
    paths,
    definitions,
  })
}

function isComputed(catalogue: Catalogue, { args }: Routine): boolean {
  const [row] = args
  return args.length === 1 && row?.relation != null && catalogue.byOid.has(row.relation)
}

function operations(relation: Relation, verbs: Verbs): Record<string, unknown> {
  const schema = { $ref: `#/definitions/${relation.name}` }
  const body = { name: relation.name, in: 'body', required: false, schema }
  const filters = [...relation.columns.values()].map((c) => ({
    name: c.name,
    in: 'query',
    type: 'string',
    required: false,
    format: c.type,
  }))
  const list = { 200: { description: 'OK', schema: { type: 'array', items: schema } } }
  const all: Record<keyof Verbs, unknown> = {
    get: { tags: [relation.name], parameters: filters, responses: list },
    post: { tags: [relation.name], parameters: [body], responses: { 201: { description: 'Created' } } },
    patch: { tags: [relation.name], parameters: [...filters, body], responses: noContent },
    delete: { tags: [relation.name], parameters: filters, responses: noContent },
  }
  return Object.fromEntries(Object.entries(all).filter(([verb]) => verbs[verb as keyof Verbs]))
}

const noContent = { 204: { description: 'No Content' } }

function definition({ columns, comment, primaryKey }: Relation): Record<string, unknown> {
  const all = [...columns.values()]
  return {
    type: 'object',
    ...(comment === null ? {} : { description: comment }),
    required: all.filter((c) => c.required).map((c) => c.name),
    properties: Object.fromEntries(
      all.map((c) => [
        c.name,
        { ...property(c), ...(primaryKey.includes(c.name) ? { description: 'Primary key' } : {}) },
      ]),
    ),
  }
}

function call({ name, args, comment }: Routine): Record<string, unknown> {
  const named = args.filter((a) => a.name !== '')
  const schema = {
    type: 'object',
    required: named.filter((a) => a.required).map((a) => a.name),
    properties: Object.fromEntries(named.map((a) => [a.name, property(a)])),
  }
  return {
    tags: [`(rpc) ${name}`],
    ...(comment === null ? {} : { summary: comment }),
    parameters: [{ name: 'args', in: 'body', required: named.length > 0, schema }],
    responses: { 200: { description: 'OK' } },
  }
}

function property({ type }: Pick<Column | Argument, 'type'>): Record<string, unknown> {
  if (type.endsWith('[]'))
    return { type: 'array', items: property({ type: type.slice(0, -2) }), format: type }
  if (/^(smallint|integer|bigint)$/.test(type)) return { type: 'integer', format: type }
  if (/^(real|double precision|numeric)/.test(type)) return { type: 'number', format: type }
  if (type === 'boolean') return { type: 'boolean', format: type }
  return /^jsonb?$/.test(type) ? { format: type } : { type: 'string', format: type }
}
