import { resolveCaller } from '../caller'
import { nodePostgresUrl } from '../postgres/database'
import type { Deps, Service } from '../services'
import { watchCatalogue } from './catalogue-watch'
import { createExecutor } from './executor'
import { createHandler } from './handler'
import { createListener } from './http'

/** Rows of any one level of an answer, as on Supabase. */
const MAX_ROWS = 1000
/** How much work is under way and waits at most. Reads and writes have their own connections: neither starves the other. */
const LIMITS = {
  readers: 10,
  writers: 10,
  /** Requests of a kind that may wait for a connection: about a second of work. */
  maxWaiting: 1000,
  waitMilliseconds: 10_000,
}

/** PostgREST's part that `supabase-js` can express, under `/rest/v1`. */
export function createRest(
  { settings, database, tokens, secrets, log }: Deps,
  limits: Partial<typeof LIMITS> = {},
): Service {
  const url = nodePostgresUrl(database.url('authenticator'))
  const catalogue = watchCatalogue({
    url,
    schemas: settings.restSchemas,
    onError: (error) => log.warn({ err: error }, 'rest: the catalogue could not be read'),
  })
  const executor = createExecutor({
    url,
    ...LIMITS,
    ...limits,
    onIdleError: (error) => log.debug({ err: error }, 'rest: a connection was lost'),
  })
  const handle = createHandler({
    catalogue,
    executor,
    resolveCaller: (request) => resolveCaller(request, { tokens, secrets }),
    options: {
      schemas: settings.restSchemas,
      maxRows: MAX_ROWS,
      aggregates: true,
      explain: settings.restExplain,
    },
  })
  return {
    name: 'rest',
    handle: createListener(handle, { bodyLimit: settings.bodyLimit, log }),
    start: () => catalogue.start(),
    async stop() {
      await Promise.all([catalogue.stop(), executor.stop()])
    },
  }
}
