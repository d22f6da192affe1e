import pg from 'pg'
import { type Catalogue, loadCatalogue } from './catalogue'
import { unavailable } from './errors'

/** The catalogue as it is now. */
export type CatalogueWatch = {
  /** The catalogue, or PGRST002 while it was never read. */
  current(): Catalogue
  /** Waits for a reload that is due; false when none is. What is not found may just have been made. */
  settled(): Promise<boolean>
  start(): Promise<void>
  stop(): Promise<void>
}

type Options = {
  url: string
  schemas: string[]
  onError(error: unknown): void
}

const RETRY_MILLISECONDS = 500

/**
 * Reads the catalogue and reads it again whenever the database says so: `notify pgrst, 'reload schema'`, which the event
 * triggers of the base schema send after DDL. A lost connection is made again, and the catalogue read anew with it, since
 * notifications of the meantime are gone.
 */
export function watchCatalogue({ url, schemas, onError }: Options): CatalogueWatch {
  let catalogue: Catalogue | undefined
  let client: pg.Client | undefined
  let loading: Promise<void> | undefined
  let again = false
  let stopped = false
  let retry: NodeJS.Timeout | undefined

  async function load(on: pg.Client): Promise<void> {
    const run = async (text: string, values: unknown[]) => (await on.query(text, values)).rows
    catalogue = await loadCatalogue(run, schemas)
  }

  /** One reload at a time; a notification during one asks for another after it. */
  function reload(on: pg.Client): Promise<void> {
    if (loading) {
      again = true
      return loading
    }
    loading = (async () => {
      do {
        again = false
        await load(on)
      } while (again)
    })().finally(() => {
      loading = undefined
    })
    return loading
  }

  /** Ends a connection that could not read the catalogue: the next one reads it again. */
  function giveUp(on: pg.Client, error: unknown): void {
    onError(error)
    on.end().catch(onError)
  }

  async function connect(): Promise<void> {
    const next = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
      application_name: 'enterprise-chat rest catalogue',
      // A large schema on a busy machine may take longer than a request is given.
      statement_timeout: 60_000,
    })
    next.on('error', onError)
    next.on('end', () => {
      if (client !== next) return
      client = undefined
      schedule()
    })
    next.on('notification', ({ payload }) => {
      if (payload === 'reload schema' || !payload) reload(next).catch((error) => giveUp(next, error))
    })
    await next.connect()
    if (stopped) return next.end()
    client = next
    try {
      // Names in the texts of the catalogue are then written in full, whatever a caller's search_path is.
      await next.query("set search_path = ''")
      await next.query('listen pgrst')
      await reload(next)
    } catch (error) {
      client = undefined
      await next.end().catch(onError)
      throw error
    }
  }

  function schedule(): void {
    if (stopped || retry) return
    retry = setTimeout(() => {
      retry = undefined
      connect().catch((error) => {
        onError(error)
        schedule()
      })
    }, RETRY_MILLISECONDS)
  }

  return {
    current() {
      if (catalogue) return catalogue
      throw unavailable('PGRST002', 'Could not query the database for the schema cache. Retrying.')
    },
    async settled() {
      if (!loading) return false
      await loading.catch(() => {})
      return true
    },
    start: connect,
    async stop() {
      stopped = true
      clearTimeout(retry)
      const open = client
      client = undefined
      await open?.end()
    },
  }
}
