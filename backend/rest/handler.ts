import { type Caller, CallerError, type CallerRequest } from '../caller'
import type { Step } from './batch'
import type { Catalogue } from './catalogue'
import type { CatalogueWatch } from './catalogue-watch'
import type { ReadOptions } from './compile-read'
import { contextStep } from './context'
import { fromDatabase, RestError } from './errors'
import type { Executor } from './executor'
import { type Answer, header, type Incoming } from './http'
import { readInput } from './input'
import { unavailableMedia } from './media'
import { describeApi, describedOids, PRIVILEGES_QUERY } from './openapi'
import type { Plan } from './plan'
import { createPlanner, type Planned } from './planner'
import { requestedRange } from './range'
import { type RestRequest, readRequest } from './request'
import { callerAnswer, errorAnswer, type Outcome, outcomeOf, respond, verdict } from './respond'
import type { Bindings, Statement } from './sql'

export type HandlerOptions = ReadOptions & {
  schemas: string[]
  /** Whether clients may ask for the plan of a statement. */
  explain: boolean
}

export type HandlerDeps = {
  catalogue: CatalogueWatch
  executor: Executor
  resolveCaller(request: CallerRequest): Promise<Caller>
  options: HandlerOptions
}

/** Answers requests to `/rest/v1/…`. */
export function createHandler({ catalogue, executor, resolveCaller, options }: HandlerDeps) {
  const planner = createPlanner(catalogue, options)

  async function answer(request: Incoming, caller: Caller): Promise<Answer> {
    const asked = readRequest(request, options)
    if (!asked.target) return describe(request, caller, asked)
    if (asked.media.kind === 'openapi') throw unavailableMedia(asked.media)
    const input = readInput(asked, asked.target, await readBody(request, asked, caller))
    const planned = await planner.plan(asked, asked.target, input)
    const bindings = bind(asked, planned.plan, input.body)
    const outcome = await execute(request, caller, asked, planned, bindings)
    return respond(asked, planned.plan, bindings, outcome)
  }

  function context(
    request: Incoming,
    caller: Caller,
    asked: RestRequest,
    of: Catalogue,
    readOnly: boolean,
  ): Step {
    const { method, path, schema, preferences } = asked
    const { headers } = request
    return contextStep(
      caller,
      { method, path, headers, schema, timeZone: preferences.timezone, readOnly },
      of,
    )
  }

  async function execute(
    request: Incoming,
    caller: Caller,
    asked: RestRequest,
    { catalogue: of, plan }: Planned,
    bindings: Bindings,
  ): Promise<Outcome> {
    const step = ({ text, params }: Statement): Step => ({
      text,
      values: params.map((param) => param(bindings)),
      prepare: planner.prepare(text),
      // PostgreSQL plans anew when policies apply to another role: each role gets a statement of its own.
      scope: caller.role,
    })
    const steps = [context(request, caller, asked, of, plan.access === 'read'), step(plan.statement)]
    if (plan.estimate) steps.push(step(plan.estimate))
    const decide = verdict(asked, plan)
    const job = { access: plan.access, by: askerOf(caller), steps }
    const result = await executor.run(decide ? { ...job, decide } : job)
    return outcomeOf(asked, plan, options.maxRows, result)
  }

  /** The root: what the caller may use. Strangers learn nothing. */
  async function describe(request: Incoming, caller: Caller, asked: RestRequest): Promise<Answer> {
    if (asked.method !== 'GET' && asked.method !== 'HEAD')
      throw new RestError(405, 'PGRST117', `Unsupported HTTP method: ${asked.method}`)
    if (!['json', 'openapi'].includes(asked.media.kind)) throw unavailableMedia(asked.media)
    if (caller.role === 'anon')
      throw new RestError(401, 'PGRST302', 'The description of the API is for signed-in callers')
    const of = catalogue.current()
    const values = describedOids(of, asked.schema)
    const privileges = { text: PRIVILEGES_QUERY, values, prepare: false, scope: '' }
    const steps = [context(request, caller, asked, of, true), privileges]
    const [, [[found] = []] = []] = await executor.run({ access: 'read', by: askerOf(caller), steps })
    const headers = { 'content-type': 'application/openapi+json; charset=utf-8' }
    return { status: 200, headers, body: describeApi(of, asked.schema, found ?? '{}') }
  }

  return async (request: Incoming): Promise<Answer> => {
    let anonymous = true
    try {
      const caller = await resolveCaller(asCallerRequest(request))
      anonymous = caller.role === 'anon'
      return await answer(request, caller)
    } catch (error) {
      if (error instanceof CallerError) return callerAnswer(error)
      if (error instanceof RestError) return errorAnswer(error)
      return errorAnswer(fromDatabase(error, anonymous))
    }
  }
}

/** Whose turn a statement takes: a person's; those who only have a key share one. */
function askerOf({ role, claims }: Caller): string {
  return claims.sub ?? `role ${role}`
}

function asCallerRequest({ url, headers }: Incoming): CallerRequest {
  return {
    url,
    headers: { get: (name) => header(headers, name), has: (name) => headers[name] !== undefined },
  }
}

/** The body as text; bytes that are none as Latin-1, one character each. */
/** Parsing a body takes time from everybody, up to a second for ten million bytes of keys: strangers get little of it. */
const ANONYMOUS_BODY_LIMIT = 256 * 1024

async function readBody(
  request: Incoming,
  { method, contentType }: RestRequest,
  caller: Caller,
): Promise<string> {
  if (method === 'GET' || method === 'HEAD' || method === 'DELETE') return ''
  const body = await request.body(caller.role === 'anon' ? ANONYMOUS_BODY_LIMIT : undefined)
  return body.toString(contentType === 'application/octet-stream' ? 'latin1' : 'utf8')
}

/** What the request brings to the parameters of its plan. */
function bind(asked: RestRequest, plan: Plan, body: string): Bindings {
  const { values } = asked.split
  const text = (operand: Plan['limit']) => {
    if (operand === null) return null
    return 'slot' in operand ? (values[operand.slot] ?? '') : operand.text
  }
  const { offset, limit } = requestedRange(text(plan.limit), text(plan.offset), asked.range)
  const rows = plan.maxRows === null ? limit : Math.min(limit ?? plan.maxRows, plan.maxRows)
  return { values, body, limit: rows === null ? null : String(rows), offset: String(offset) }
}
