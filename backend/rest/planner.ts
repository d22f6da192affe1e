import type { Catalogue } from './catalogue'
import type { CatalogueWatch } from './catalogue-watch'
import type { CallBody } from './compile-call'
import type { ReadOptions } from './compile-read'
import { RestError } from './errors'
import type { Input } from './input'
import { Lru } from './lru'
import type { Media } from './media'
import { parseQuery } from './parse-query'
import { type Plan, type PlanRequest, planRead } from './plan'
import { planCall } from './plan-call'
import { planMutation } from './plan-mutation'
import type { RestRequest, Target } from './request'

/** Shapes of requests whose SQL is kept. */
const MAX_PLANS = 1000

export type Planned = { catalogue: Catalogue; plan: Plan }

export type Planner = {
  /** The plan of a request, made once per shape. */
  plan(asked: RestRequest, target: Target, input: Input): Promise<Planned>
  /** Whether to prepare a text: what is asked for once must not push out what is asked for often. */
  prepare(text: string): boolean
}

/** Finds or makes the plans of requests. */
export function createPlanner(watch: CatalogueWatch, options: ReadOptions): Planner {
  const texts = new Lru<true>(MAX_PLANS)
  // Plans of one catalogue; they go with it.
  let plans = { of: undefined as Catalogue | undefined, byShape: new Lru<Plan>(MAX_PLANS) }

  function find(asked: RestRequest, target: Target, input: Input, catalogue: Catalogue): Plan {
    if (plans.of !== catalogue) plans = { of: catalogue, byShape: new Lru(MAX_PLANS) }
    const { schema, split, media, preferences: p, method } = asked
    const what = `${method} ${target.kind} ${schema} ${encodeURIComponent(target.name)} ${input.shape}`
    const how = `${mediaKey(media)} ${p.resolution} ${p.return} ${p.count} ${p.missing}`
    const key = `${what} ${how} ${split.shape}`
    const known = plans.byShape.get(key)
    if (known) return known
    const query = parseQuery(split, input.call?.kind === 'query')
    const { name } = target
    const request = {
      catalogue,
      schema,
      name,
      query,
      media,
      preferences: p,
      options,
      head: method === 'HEAD',
    }
    const made = make(request, input)
    plans.byShape.set(key, made)
    return made
  }

  return {
    async plan(asked, target, input) {
      const catalogue = watch.current()
      try {
        return { catalogue, plan: find(asked, target, input, catalogue) }
      } catch (error) {
        // What was not found may just have been made: look again when the catalogue is being read.
        if (!(error instanceof RestError) || !(await watch.settled())) throw error
        const renewed = watch.current()
        return { catalogue: renewed, plan: find(asked, target, input, renewed) }
      }
    },
    prepare(text) {
      if (texts.get(text)) return true
      texts.set(text, true)
      return false
    },
  }
}

/** What of the form of an answer its SQL depends on: mostly it is just JSON. */
function mediaKey({ kind, stripNulls, wanted, explain }: Media): string {
  const [only] = wanted
  if (only && wanted.length === 1 && !explain && kind !== 'none') return `${only.type} ${stripNulls}`
  return JSON.stringify([kind, stripNulls, explain, wanted])
}

function make(request: PlanRequest, { call, mutation }: Input): Plan {
  if (mutation) return planMutation(request, mutation)
  if (!call) return planRead(request)
  const body: CallBody = call.kind === 'query' ? { kind: 'query', query: request.query } : call
  return planCall(request, body)
}
