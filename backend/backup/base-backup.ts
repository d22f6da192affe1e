import type { Duplex } from 'node:stream'
import { Client } from 'pg'
import { extract } from 'tar-stream'
import type { Archive } from './write-archive'

/** Where in the WAL a copy begins. */
export type CopyStart = { lsn: string; timeline: number }

/**
 * Copies a running cluster into an archive below `postgres/`, with the WAL that makes the copy consistent, as
 * `pg_basebackup` does: people may write meanwhile, and PostgreSQL checks the checksum of every page that it reads.
 * `url` is a superuser's.
 */
export async function copyCluster(url: string, archive: Archive): Promise<CopyStart> {
  const client = new Client({ connectionString: url, replication: 'true' } as never)
  client.on('error', () => {})
  await client.connect()
  try {
    const slot = `backup_${process.pid}_${Date.now()}`
    // Kept by this session and gone with it, however that ends: without it a long copy could lose its WAL.
    await client.query(`CREATE_REPLICATION_SLOT ${slot} TEMPORARY PHYSICAL (RESERVE_WAL)`)
    const unpack = extract()
    const copy = new CopyStream(unpack)
    client.query(copy as never)
    const putting = putEntries(unpack, archive)
    putting.catch((error: unknown) => unpack.destroy(error as Error))
    await Promise.all([copy.done, putting])
    if (!copy.start) throw new Error('PostgreSQL did not say where the copy begins')
    const manifest = Buffer.concat(copy.manifest)
    await archive.file('postgres/backup_manifest', manifest.length, asContent(manifest))
    await client.end()
    return copy.start
  } catch (error) {
    // What was not read yet would have to be read before an orderly end.
    ;(client as unknown as { connection: Connection }).connection.stream.destroy()
    throw error
  }
}

async function* asContent(buffer: Buffer): AsyncGenerator<Buffer> {
  yield buffer
}

async function putEntries(unpack: ReturnType<typeof extract>, archive: Archive): Promise<void> {
  for await (const entry of unpack) {
    const { name, type, size = 0 } = entry.header
    const path = `postgres/${name.replace(/^\.\//, '').replace(/\/$/, '')}`
    if (type === 'directory') {
      if (path !== 'postgres/' && path !== 'postgres/.') await archive.folder(path)
      for await (const _ of entry);
    } else if (type === 'file') await archive.file(path, size, entry as AsyncIterable<Buffer>)
    else throw new Error(`The database folder holds a ${type} (${name}), which a backup cannot hold`)
  }
}

type Connection = { query(text: string): void; stream: Duplex }
type Row = { fields: (string | Buffer | null)[] }

/** The answer to BASE_BACKUP as a query of `pg`: one COPY of a tar, then of PostgreSQL's manifest. */
class CopyStream {
  readonly manifest: Buffer[] = []
  readonly done: Promise<void>
  start: CopyStart | undefined
  private readonly target: ReturnType<typeof extract>
  private paused = false
  private part: 'archive' | 'manifest' = 'archive'
  private settle!: { resolve(): void; reject(error: Error): void }

  constructor(target: ReturnType<typeof extract>) {
    this.target = target
    this.done = new Promise((resolve, reject) => {
      this.settle = { resolve, reject }
    })
    this.done.catch(() => {})
  }

  submit(connection: Connection): void {
    connection.query(
      "BASE_BACKUP (LABEL 'enterprise-chat', CHECKPOINT 'fast', WAL, MANIFEST 'yes', MANIFEST_CHECKSUMS 'SHA256')",
    )
  }

  /** The first row of all is where the copy begins. */
  handleDataRow({ fields: [lsn, timeline] }: Row): void {
    this.start ??= { lsn: String(lsn), timeline: Number(timeline) }
  }

  handleRowDescription(): void {}
  handleCommandComplete(): void {}
  handleEmptyQuery(): void {}

  handleCopyData({ chunk }: { chunk: Buffer }, connection: Connection): void {
    const kind = String.fromCharCode(chunk[0] ?? 0)
    if (kind === 'n') this.part = 'archive'
    else if (kind === 'm') this.part = 'manifest'
    else if (kind === 'd') this.take(Buffer.from(chunk.subarray(1)), connection)
  }

  handleReadyForQuery(): void {
    this.target.end(undefined)
    this.settle.resolve()
  }

  handleError(error: Error): void {
    this.target.destroy(error)
    this.settle.reject(error)
  }

  private take(data: Buffer, { stream }: Connection): void {
    if (this.part === 'manifest') {
      this.manifest.push(data)
      return
    }
    if (this.target.destroyed || this.target.write(data) || this.paused) return
    // What cannot be written yet waits in PostgreSQL.
    this.paused = true
    stream.pause()
    this.target.once('drain', () => {
      this.paused = false
      stream.resume()
    })
  }
}
