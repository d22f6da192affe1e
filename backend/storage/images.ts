import { StorageError } from './errors'
import { type Picture, tooLarge } from './picture-maker'
import { createPictureWorker } from './picture-worker'
import type { Transformation } from './transformation'

export type { Picture } from './picture-maker'

/** Larger files are not read at all. */
const MAX_BYTES = 25 * 1024 * 1024
/** One picture at a time, on one core: the other is the chat's. Who comes when so many wait, comes again. */
const MAX_WAITING = 50

/** What reads the bytes of a picture and tells their number beforehand. */
export type Source = { size: number; read(): Promise<AsyncIterable<Uint8Array>> }

/** Makes pictures of pictures, one at a time, in a process of their own. */
export function createImages() {
  const worker = createPictureWorker()
  let waiting = 0
  let last: Promise<unknown> = Promise.resolve()

  return {
    /** Throws StorageError: 413 too large, 422 not a picture, 500 the process ended over it, 503 too many at once. */
    async transform(source: Source, transformation: Transformation, acceptsWebp: boolean): Promise<Picture> {
      if (source.size > MAX_BYTES) throw tooLarge()
      if (waiting >= MAX_WAITING) {
        const message = 'Too many images are waiting. Try again in a moment.'
        throw new StorageError(503, 'SlowDown', message, 503, { 'retry-after': '1' })
      }
      waiting += 1
      const turn = last.then(async () =>
        worker.make({ bytes: await readAll(source), transformation, acceptsWebp }),
      )
      last = turn.catch(() => {})
      return turn.finally(() => {
        waiting -= 1
      })
    },
    stop: () => worker.stop(),
  }
}

async function readAll(source: Source): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of await source.read()) chunks.push(chunk)
  return Buffer.concat(chunks)
}
