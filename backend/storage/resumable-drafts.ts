import { open, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { FileStore } from '@tus/file-store'
import { Upload } from '@tus/server'
import { StorageError } from './errors'
import { leavingRoom } from './room'

/** How long an upload may take from its first part to its last; then its parts are forgotten. */
const EXPIRY_MS = 24 * 60 * 60_000
const SWEEP_MS = 60 * 60_000
/** Of one person at once: as many as files can wait to be sent. Each takes disk until it is done, given up or too old. */
const MAX_UNFINISHED = 100

/** Says in an upload's metadata that its file is stored. */
export const STORED = 'stored'

/**
 * Parts of resumable uploads, in files of this machine's disk: what has arrived is still there after a restart. An upload
 * that is stored is remembered for a while, for a client that did not hear the answer to its last part.
 */
export class ResumableDrafts extends FileStore {
  private timer: NodeJS.Timeout | undefined
  /** Parts that are being written. One whose client has gone may still be, when the next request asks how far it got. */
  private readonly writing = new Map<string, Promise<number>>()

  /** Why writing failed. The library only tells that a stream ended early. */
  private readonly failures = new Map<string, unknown>()

  /** Who began each upload that is not done. Uploads of the secret key are nobody's. */
  private readonly unfinished = new Map<string, string>()

  constructor(directory: string) {
    super({ directory, expirationPeriodInMilliseconds: EXPIRY_MS })
  }

  /** Throws StorageError 429 to whoever has begun too many. */
  override async create(upload: Upload): Promise<Upload> {
    const owner = upload.metadata?.owner ?? ''
    this.checkRoomOf(owner)
    this.unfinished.set(upload.id, owner)
    try {
      return await super.create(upload)
    } catch (error) {
      this.unfinished.delete(upload.id)
      throw error
    }
  }

  private checkRoomOf(owner: string): void {
    if (owner === '') return
    let count = 0
    for (const each of this.unfinished.values()) if (each === owner) count += 1
    if (count < MAX_UNFINISHED) return
    const message = `${MAX_UNFINISHED} uploads of yours are not finished. Finish or cancel some, or wait a day.`
    throw new StorageError(429, 'TooManyUploads', message, 429)
  }

  override async remove(id: string): Promise<void> {
    await super.remove(id)
    this.unfinished.delete(id)
  }

  pathOf(id: string): string {
    return join(this.directory, id)
  }

  /** Like the library's, but an error keeps its reason: a full disk is not a broken request. */
  override async write(bytes: IncomingMessage | Readable, id: string, offset: number): Promise<number> {
    const written = this.append(bytes, id, offset)
    this.writing.set(id, written)
    return written.finally(() => this.writing.delete(id))
  }

  private async append(bytes: IncomingMessage | Readable, id: string, offset: number): Promise<number> {
    const file = await open(this.pathOf(id), 'r+')
    let position = offset
    try {
      for await (const chunk of leavingRoom(this.directory, bytes as AsyncIterable<Buffer>))
        position += await writeAll(file, chunk, position)
    } catch (error) {
      this.failures.set(id, error)
      // Half a piece is not what the client will send again.
      await file.truncate(position).catch(() => {})
      throw error
    } finally {
      await file.close()
    }
    return position
  }

  /** Why the last part of an upload could not be written, once; undefined when that was not it. */
  takeFailure(id: string): unknown {
    const failure = this.failures.get(id)
    this.failures.delete(id)
    return failure
  }

  override async getUpload(id: string): Promise<Upload> {
    await this.writing.get(id)?.catch(() => {})
    const known = await this.configstore.get(id)
    if (known?.metadata?.[STORED] === undefined) return super.getUpload(id)
    return new Upload({ ...known, id, offset: known.size ?? 0 })
  }

  /** The file has a row: its parts may go. */
  async markStored(upload: Upload): Promise<void> {
    const { id, size, offset, creation_date: created } = upload
    const metadata = { ...upload.metadata, [STORED]: '1' }
    await this.configstore.set(
      id,
      new Upload({
        id,
        size: size ?? offset,
        offset,
        metadata,
        ...(created ? { creation_date: created } : {}),
      }),
    )
    await rm(this.pathOf(id), { force: true })
    this.unfinished.delete(id)
  }

  /** Nothing of this upload is needed any more. */
  async forget(id: string): Promise<void> {
    await rm(this.pathOf(id), { force: true })
    await this.configstore.delete(id).catch(() => {})
    this.unfinished.delete(id)
  }

  async sweep(): Promise<void> {
    for (const id of (await this.configstore.list?.()) ?? []) {
      const known = await this.configstore.get(id)
      const created = known?.creation_date
      if (!created || Date.now() - Date.parse(created) > EXPIRY_MS) await this.forget(id)
      else if (known.metadata?.[STORED] !== undefined) this.unfinished.delete(id)
      // Those of before a restart count as well.
      else this.unfinished.set(id, known.metadata?.owner ?? '')
    }
  }

  /** Looks now and then for uploads that nobody went on with. */
  startSweeping(onError: (error: unknown) => void): void {
    const sweep = () => void this.sweep().catch(onError)
    sweep()
    this.timer = setInterval(sweep, SWEEP_MS)
    this.timer.unref()
  }

  stopSweeping(): void {
    clearInterval(this.timer)
  }
}

async function writeAll(
  file: Awaited<ReturnType<typeof open>>,
  chunk: Uint8Array,
  position: number,
): Promise<number> {
  for (let written = 0; written < chunk.length; ) {
    const { bytesWritten } = await file.write(chunk, written, chunk.length - written, position + written)
    written += bytesWritten
  }
  return chunk.length
}
