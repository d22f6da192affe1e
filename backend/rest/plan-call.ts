import type { Routine } from './catalogue'
import { type CallBody, callSql, chooseRoutine } from './compile-call'
import { ReadCompiler, type Root } from './compile-read'
import { chooseMedia, matches } from './media'
import { bodySql, makePlan, outcome, type Plan, type PlanRequest, withMedia } from './plan'
import { resolveRead, routineSource } from './resolve'
import { Builder, qualified } from './sql'

/** A function that returns a media type answers with that; rows take the forms that their relation has. */
function callMedia(request: PlanRequest, routine: Routine): PlanRequest {
  const { media: type, mediaBytes: bytes, relation } = routine
  if (type === null || routine.set || routine.kind !== 'scalar')
    return withMedia(request, relation === null ? null : (request.catalogue.byOid.get(relation) ?? null))
  const own = { type: type.toLowerCase(), bytes }
  const custom = (wanted: string) => (matches(own.type, wanted) ? own : null)
  return { ...request, media: chooseMedia(request.media, custom) }
}

/** A function's call. */
export function planCall(asked: PlanRequest, body: CallBody): Plan {
  const { catalogue, schema, name, query, preferences, options } = asked
  const routine = chooseRoutine(catalogue, schema, name, body)
  const request = callMedia(asked, routine)
  const access = body.kind === 'query' || !routine.volatile ? 'read' : 'write'
  const builder = new Builder()
  const call = callSql(builder, routine, body)
  const finish = (text: string): Plan => ({ ...makePlan(request, builder, text, access), routine })
  // A count looks at the rows twice, but a function must be called once.
  const counted = routine.set && preferences.count !== undefined

  if (routine.kind !== 'composite') {
    const answer = routine.kind === 'void' ? 'max(r.v::text)' : bodySql(request, !routine.set, 'r.v')
    if (!routine.set) return finish(outcome('null', answer, `(select v from ${call} as f(v)) r`))
    const limit = builder.param('limit', '', (b) => b.limit)
    const offset = builder.param('offset', '', (b) => b.offset)
    const source = counted ? `with src as materialized (select v from ${call} as f(v)) ` : ''
    const rows = `(select v from ${counted ? 'src' : `${call} as f(v)`} limit ${limit} offset ${offset}) r`
    return finish(source + outcome(counted ? '(select count(*) from src)' : 'null', answer, rows))
  }

  const relation = routine.relation === null ? undefined : catalogue.byOid.get(routine.relation)
  const lost: Root = { from: 'src', ...(relation ? { rowType: qualified(relation) } : {}) }
  const node = resolveRead(catalogue, routineSource(catalogue, routine), query)
  const compiler = new ReadCompiler(builder, catalogue, node, counted ? lost : { from: call }, options)
  const rows = `(${compiler.select(true)}) r`
  const total = counted ? `(select count(*) from (${compiler.matching()}) c)` : 'null'
  const source = counted ? `with src as materialized (select f.* from ${call} f) ` : ''
  return finish(source + outcome(total, bodySql(request, !routine.set), rows))
}
