import { resolveCaller } from '../caller'
import { nodePostgresUrl } from '../postgres/database'
import type { Deps, Service } from '../services'
import { watchCatalogue } from './catalogue-watch'
import { createExecutor } from './executor'
import { createHandler } from './handler'
import { createListener } from './http'

/** Schemas that the API shows. */
const SCHEMAS = ['public']
/** Rows of any one level of an answer, as on Supabase. */
const MAX_ROWS = 1000
const READERS = 10
const WRITERS = 10
/** Requests of a kind that may wait for a connection: about a second of work. */
const MAX_WAITING = 1000
const WAIT_MILLISECONDS = 10_000

/** PostgREST's part that `supabase-js` can express, under `/rest/v1`. */
export function createRest({ settings, database, tokens, secrets, log }: Deps): Service {
  const url = nodePostgresUrl(database.url('authenticator'))
  const catalogue = watchCatalogue({
    url,
    schemas: SCHEMAS,
    onError: (error) => log.warn({ err: error }, 'rest: the catalogue could not be read'),
  })
  const executor = createExecutor({
    url,
    readers: READERS,
    writers: WRITERS,
    maxWaiting: MAX_WAITING,
    waitMilliseconds: WAIT_MILLISECONDS,
    onIdleError: (error) => log.debug({ err: error }, 'rest: a connection was lost'),
  })
  const handle = createHandler({
    catalogue,
    executor,
    resolveCaller: (request) => resolveCaller(request, { tokens, secrets }),
    options: { schemas: SCHEMAS, maxRows: MAX_ROWS, aggregates: true },
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
