import type postgres from 'postgres'
import type { Logger } from '../log'
import type { Blobs } from './blobs/blobs'

/** Removes bytes that no row needs, now or after a crash. */
export type Removals = {
  start(): Promise<void>
  /** Notes, before they are written, that bytes are to be removed unless a row claims them. */
  plan(version: string): Promise<void>
  /** They are not going to be claimed. */
  hurry(version: string): Promise<void>
  /** Looks for work soon, and not only at the next round. */
  poke(): void
  stop(): Promise<void>
}

/** Also what SQL has deleted is gone within this time. */
const EVERY_MS = 5000
const BATCH = 100
/** Longer than any upload may take. */
const PLAN = '1 day'

type Parts = {
  own: postgres.Sql
  blobs: Pick<Blobs, 'remove'>
  /** What was made of the bytes goes with them. */
  forget(version: string): Promise<void>
  log: Logger
}

/** The worker behind `_backend.blob_removals`. */
export function createRemovals({ own, blobs, forget, log }: Parts): Removals {
  let timer: NodeJS.Timeout | undefined
  let running = Promise.resolve()
  let stopped = false

  /**
   * One batch; returns how many were due. A row is held while its bytes go: an upload that claims it meanwhile finds it
   * gone and gives up, rather than to show a file without bytes.
   */
  async function round(): Promise<number> {
    return own.begin(async (sql) => {
      const due = await sql<{ version: string; needed: boolean }[]>`
        select r.version, exists (select from storage.objects o where o.version = r.version) as needed
        from _backend.blob_removals r where r.due_at <= now()
        order by r.due_at limit ${BATCH} for update of r skip locked`
      const done: string[] = []
      const failed: string[] = []
      await Promise.all(
        due.map(async ({ version, needed }) => {
          try {
            if (!needed) await removeBlob(version)
            done.push(version)
          } catch (err) {
            log.warn({ err, version }, 'storage: bytes could not be removed; it is tried again')
            failed.push(version)
          }
        }),
      )
      await sql`delete from _backend.blob_removals where version = any (${done})`
      await sql`update _backend.blob_removals set attempts = attempts + 1,
          due_at = now() + least(interval '1 hour', interval '10 seconds' * power(2, least(attempts, 10)))
        where version = any (${failed})`
      return due.length
    })
  }

  async function removeBlob(version: string): Promise<void> {
    await forget(version)
    await blobs.remove(version).catch((error: unknown) => {
      // A version that somebody wrote by hand names no bytes of ours.
      if (!(error instanceof Error) || error.name !== 'BlobMissing') throw error
    })
  }

  async function rounds(): Promise<void> {
    while (!stopped && (await round()) === BATCH);
  }

  function plan(milliseconds: number): void {
    if (stopped) return
    clearTimeout(timer)
    timer = setTimeout(() => {
      running = running
        .then(rounds)
        .catch((err: unknown) => log.warn({ err }, 'storage: removals could not be read'))
        .then(() => plan(EVERY_MS))
    }, milliseconds)
    timer.unref()
  }

  return {
    async start() {
      // Uploads of a server that ended: nobody is going to claim them.
      await own`update _backend.blob_removals set due_at = now() where due_at > now()`
      plan(0)
    },
    async plan(version) {
      await own`insert into _backend.blob_removals (version, due_at) values (${version}, now() + ${PLAN}::interval)`
    },
    async hurry(version) {
      await own`update _backend.blob_removals set due_at = now() where version = ${version}`.catch(() => {})
      plan(0)
    },
    poke: () => plan(0),
    async stop() {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}
