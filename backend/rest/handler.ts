import { type Caller, CallerError, type CallerRequest } from '../caller'
import type { Catalogue } from './catalogue'
import type { CatalogueWatch } from './catalogue-watch'
import type { CallBody } from './compile-call'
import { contextStep } from './context'
import { fromDatabase, notImplemented, RestError } from './errors'
import type { Executor } from './executor'
import { type Answer, header, type Incoming } from './http'
import { type Input, readInput } from './input'
import { Lru } from './lru'
import { parseQuery } from './parse-query'
import { type Plan, type PlanOptions, planCall, planMutation, planRead } from './plan'
import { requestedRange } from './range'
import { type RestRequest, readRequest } from './request'
import { callerAnswer, errorAnswer, type Outcome, outcomeOf, respond, verdict } from './respond'
import type { Bindings, Statement } from './sql'

export type HandlerOptions = PlanOptions & { schemas: string[] }

export type HandlerDeps = {
  catalogue: CatalogueWatch
  executor: Executor
  resolveCaller(request: CallerRequest): Promise<Caller>
  options: HandlerOptions
}

/** Shapes of requests whose SQL is kept. */
const MAX_PLANS = 1000

/** Answers requests to `/rest/v1/…`. */
export function createHandler({ catalogue, executor, resolveCaller, options }: HandlerDeps) {
  // Plans of one catalogue; they go with it.
  let plans = { of: undefined as Catalogue | undefined, byShape: new Lru<Plan>(MAX_PLANS) }

  async function answer(request: Incoming, caller: Caller): Promise<Answer> {
    const asked = readRequest(request, options.schemas)
    const input = readInput(asked, await readBody(request, asked))
    const { current, plan } = await planned(asked, input)
    const bindings = bind(asked, plan, input.body)
    const outcome = await execute(request, caller, asked, current, plan, bindings)
    return respond(asked, plan, bindings, outcome)
  }

  /** The plan of a request; looks again when a name was not found while the catalogue is being read. */
  async function planned(asked: RestRequest, input: Input): Promise<{ current: Catalogue; plan: Plan }> {
    const current = catalogue.current()
    try {
      return { current, plan: planFor(asked, input, current) }
    } catch (error) {
      if (!(error instanceof RestError) || !(await catalogue.settled())) throw error
      const renewed = catalogue.current()
      return { current: renewed, plan: planFor(asked, input, renewed) }
    }
  }

  function planFor(asked: RestRequest, input: Input, current: Catalogue): Plan {
    const { target, schema, split, media, preferences: p, method } = asked
    if (!target) throw notImplemented('The OpenAPI description')
    if (plans.of !== current) plans = { of: current, byShape: new Lru(MAX_PLANS) }
    const what = `${method} ${target.kind} ${schema} ${encodeURIComponent(target.name)} ${input.shape}`
    const how = `${media.kind} ${media.stripNulls} ${p.resolution} ${p.return} ${p.count} ${p.missing}`
    const key = `${what} ${how} ${split.shape}`
    const known = plans.byShape.get(key)
    if (known) return known
    const query = parseQuery(split, input.call?.kind === 'query')
    const request = { catalogue: current, schema, name: target.name, query, media, preferences: p, options }
    let plan: Plan
    if (input.call) {
      const call: CallBody = input.call.kind === 'query' ? { kind: 'query', query } : input.call
      plan = planCall(request, call)
    } else if (input.mutation) plan = planMutation(request, input.mutation)
    else plan = planRead(request)
    plans.byShape.set(key, plan)
    return plan
  }

  function bind(asked: RestRequest, plan: Plan, body: string): Bindings {
    const { values } = asked.split
    const text = (operand: Plan['limit']) => {
      if (operand === null) return null
      return 'slot' in operand ? (values[operand.slot] ?? '') : operand.text
    }
    const { offset, limit } = requestedRange(text(plan.limit), text(plan.offset), asked.range)
    const cap = options.maxRows
    const rows = cap === null ? limit : Math.min(limit ?? cap, cap)
    return { values, body, limit: rows === null ? null : String(rows), offset: String(offset) }
  }

  async function execute(
    { headers }: Incoming,
    caller: Caller,
    asked: RestRequest,
    current: Catalogue,
    plan: Plan,
    bindings: Bindings,
  ): Promise<Outcome> {
    const { method, path, schema, preferences } = asked
    const readOnly = plan.access === 'read'
    const about = { method, path, headers, schema, timeZone: preferences.timezone, readOnly }
    // What is asked for once is not worth a prepared statement, and cannot push out one that is.
    const prepare = plan.uses++ > 0
    const step = ({ text, params }: Statement) => ({
      text,
      values: params.map((param) => param(bindings)),
      prepare,
      // PostgreSQL plans anew when policies apply to another role: each role gets a statement of its own.
      scope: caller.role,
    })
    const steps = [contextStep(caller, about, current), step(plan.statement)]
    if (plan.estimate) steps.push(step(plan.estimate))
    const decide = verdict(asked, plan)
    const result = await executor.run({ access: plan.access, steps, ...(decide ? { decide } : {}) })
    return outcomeOf(asked, options.maxRows, result)
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

/** The body as text; bytes that are none as Latin-1, one character each. */
async function readBody(request: Incoming, { method, contentType }: RestRequest): Promise<string> {
  if (method === 'GET' || method === 'HEAD' || method === 'DELETE') return ''
  const body = await request.body()
  return body.toString(contentType === 'application/octet-stream' ? 'latin1' : 'utf8')
}

function asCallerRequest({ url, headers }: Incoming): CallerRequest {
  return {
    url,
    headers: { get: (name) => header(headers, name), has: (name) => headers[name] !== undefined },
  }
}
