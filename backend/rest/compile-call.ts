import type { Query } from './ast'
import type { Argument, Catalogue, Routine } from './catalogue'
import { RestError } from './errors'
import { nearest } from './nearest'
import { arrayLiteral, type Builder, ident, qualified } from './sql'

/** How a call passes its arguments. */
export type CallBody =
  | { kind: 'json'; keys: string[] }
  | { kind: 'query'; query: Query }
  /** A body that is no JSON object of arguments: one unnamed parameter of this type. */
  | { kind: 'single'; type: 'json' | 'text' | 'bytea' | 'xml' }

function names(body: CallBody): string[] {
  if (body.kind === 'json') return body.keys
  if (body.kind === 'query') return [...new Set(body.query.args.map((a) => a.name))]
  return []
}

/** The function that a name and the given arguments mean. */
export function chooseRoutine(catalogue: Catalogue, schema: string, name: string, body: CallBody): Routine {
  const overloads = catalogue.routines.get(schema)?.get(name) ?? []
  const given = names(body)
  const named = body.kind === 'single' ? [] : overloads.filter((r) => takes(r, given))
  const singleTypes = singleType(body)
  const single = overloads.filter((r) => {
    const [only] = r.args
    return r.args.length === 1 && only?.name === '' && singleTypes.includes(only.type)
  })
  const found = named.length > 0 ? named : single
  const [routine] = found
  if (!routine) throw noRoutine(catalogue, schema, name, given, body, overloads)
  if (found.length > 1) throw ambiguousRoutine(found)
  return routine
}

function takes(routine: Routine, given: string[]): boolean {
  return (
    routine.args.every((a) => a.name !== '') &&
    given.every((name) => routine.args.some((a) => a.name === name)) &&
    routine.args.every((a) => !a.required || a.variadic || given.includes(a.name))
  )
}

function singleType(body: CallBody): string[] {
  if (body.kind === 'json') return ['json', 'jsonb']
  if (body.kind === 'query') return []
  return body.type === 'json' ? ['json', 'jsonb'] : [body.type]
}

/** FROM items of a call: where its arguments come from, and the function itself, without alias. */
export function callSql(builder: Builder, routine: Routine, body: CallBody): string {
  const call = (args: string[]) => `${qualified(routine)}(${args.join(', ')})`
  const [only] = routine.args
  if (only?.name === '') return call([`${builder.param('body', '', ({ body }) => body)}::text::${only.type}`])
  if (body.kind === 'query') return call(directArguments(builder, routine, body.query))
  const passed = routine.args.filter((a) => names(body).includes(a.name))
  if (passed.length === 0) return call([])
  const typed = passed.map((a) => `${ident(a.name)} ${a.type}`).join(', ')
  const json = builder.param('body', '', ({ body }) => body)
  const args = passed.map((a) => named(a, `a.${ident(a.name)}`))
  return `json_to_record(${json}::text::json) as a(${typed}), lateral ${call(args)}`
}

function named(argument: Argument, value: string): string {
  return `${argument.variadic ? 'variadic ' : ''}${ident(argument.name)} := ${value}`
}

function directArguments(builder: Builder, routine: Routine, query: Query): string[] {
  return routine.args.flatMap((argument) => {
    const given = query.args.filter((a) => a.name === argument.name).map((a) => a.value)
    const last = given.at(-1)
    if (!last) return []
    if (!argument.variadic) return [named(argument, `${builder.operand(last)}::${argument.type}`)]
    const list = builder.param(argument, 'list', ({ values }) => {
      const texts = given.map((v) => ('slot' in v ? (values[v.slot] ?? '') : v.text))
      // A single value in braces is an array already.
      return texts.length === 1 && texts[0]?.startsWith('{') ? texts[0] : arrayLiteral(texts)
    })
    return [named(argument, `${list}::${argument.type}`)]
  })
}

function noRoutine(
  catalogue: Catalogue,
  schema: string,
  name: string,
  given: string[],
  body: CallBody,
  overloads: Routine[],
): RestError {
  const full = `${schema}.${name}`
  const list = given.join(', ')
  const single = body.kind === 'single' && body.type !== 'json'
  const shown = single ? '' : list === '' ? ' without parameters' : `(${list})`
  const searched =
    list === '' ? ' without parameters' : ` with parameter${given.length > 1 ? 's' : ''} ${list}`
  const or = body.kind === 'query' ? '' : ' or with a single unnamed json/jsonb parameter'
  const how = single ? ` with a single unnamed ${body.type} parameter` : `${searched}${or}`
  return new RestError(404, 'PGRST202', `Could not find the function ${full}${shown} in the schema cache`, {
    details: `Searched for the function ${full}${how}, but no matches were found in the schema cache.`,
    hint: single ? null : routineHint(catalogue, schema, name, given, overloads),
  })
}

function routineHint(
  catalogue: Catalogue,
  schema: string,
  name: string,
  given: string[],
  overloads: Routine[],
): string | null {
  if (overloads.length === 0) {
    const meant = nearest(name, catalogue.routines.get(schema)?.keys() ?? [])
    return meant === null ? null : `Perhaps you meant to call the function ${schema}.${meant}`
  }
  const signature = (args: string[]) => `(${args.join(', ')})`
  const wanted = signature([...given].sort())
  const signatures = overloads.map((r) => signature(r.args.map((a) => a.name)))
  const meant = overloads.length === 1 ? signatures[0] : nearest(wanted, signatures)
  return meant == null ? null : `Perhaps you meant to call the function ${schema}.${name}${meant}`
}

function ambiguousRoutine(found: Routine[]): RestError {
  const shown = found.map(
    (r) => `${r.schema}.${r.name}(${r.args.map((a) => `${a.name} => ${a.type}`).join(', ')})`,
  )
  return new RestError(
    300,
    'PGRST203',
    `Could not choose the best candidate function between: ${shown.join(', ')}`,
    {
      hint: 'Try renaming the parameters or the function itself in the database so function overloading can be resolved',
    },
  )
}
