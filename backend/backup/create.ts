import { join } from 'node:path'
import type postgres from 'postgres'
import type { Database } from '../postgres/database'
import { listApplied } from '../postgres/migrate'
import type { Blobs } from '../storage/blobs/blobs'
import { copyCluster } from './base-backup'
import { listDataFiles } from './data-files'
import type { Manifest } from './manifest'
import { packObjects } from './objects'
import { readWalFolder } from './wal-folder'
import { parseLsn, segmentName, segmentOf } from './wal-names'
import { type About, type Archive, readFileExactly, sizeOf, writeArchive } from './write-archive'

/** What a backup is made of. */
export type BackupSource = {
  database: Pick<Database, 'admin' | 'url'>
  dataDir: string
  /** Version of the product, for the manifest. */
  product: string
  /** Uploaded files that are in S3: to be put into the archive too, or to be left where they are. */
  objects?: Blobs | 'left'
  /** Ends it early; nothing is left. */
  signal?: AbortSignal
}

/**
 * Writes database, uploaded files and secrets into one verified archive, while people go on writing. What was
 * acknowledged before the call is in it.
 */
export async function createBackup(file: string, source: BackupSource): Promise<Manifest> {
  const { database, dataDir, product, objects } = source
  const { admin } = database
  return writeArchive(
    file,
    async (archive) => {
      const createdAt = new Date().toISOString()
      const server = await describeServer(admin)
      const walFolder = (await readWalFolder(dataDir)) ?? null
      // Files come before the rows that name them and go after these: copied before and after the database, the copy
      // has every file that its rows name.
      const packed = new Set<string>()
      const pack = async () => {
        await packFiles(archive, dataDir, packed)
        if (objects && objects !== 'left') await packObjects(archive, { admin, blobs: objects, packed })
      }
      await pack()
      const start = await copyCluster(database.url('supabase_admin'), archive)
      await pack()
      const segment = segmentOf(parseLsn(start.lsn), server.segmentBytes)
      const firstSegment = segmentName(start.timeline, segment, server.segmentBytes)
      return { createdAt, product, ...server, firstSegment, walFolder, objects: placeOf(objects) }
    },
    source.signal,
  )
}

function placeOf(objects: BackupSource['objects']): About['objects'] {
  if (!objects) return 'local'
  return objects === 'left' ? 'not included' : 'included'
}

async function packFiles(archive: Archive, dataDir: string, packed: Set<string>): Promise<void> {
  for (const path of await listDataFiles(dataDir)) {
    if (packed.has(path)) continue
    const bytes = await sizeOf(join(dataDir, path))
    if (bytes === undefined) continue
    packed.add(path)
    await archive.file(path, bytes, readFileExactly(join(dataDir, path), bytes))
  }
}

async function describeServer(admin: postgres.Sql) {
  const [server] = await admin<{ postgres: string; systemIdentifier: string; segmentBytes: number }[]>`
    select current_setting('server_version') as postgres, system_identifier::text as "systemIdentifier",
      (select bytes_per_wal_segment from pg_control_init()) as "segmentBytes"
    from pg_control_system()`
  if (!server) throw new Error('PostgreSQL does not say who it is')
  return { ...server, migrations: await listApplied(admin) }
}
