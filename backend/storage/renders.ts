import { createHash } from 'node:crypto'
import { mkdir, open, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { LRUCache } from 'lru-cache'
import type { Logger } from '../log'
import { BlobMissing, type Blobs } from './blobs/blobs'
import { createImages, type Picture } from './images'
import type { StoredObject } from './objects'
import { type Content, contentOf } from './serve'
import { type Transformation, writeTransformation } from './transformation'

/** What pictures that were made may take on the disk; those that nobody asked for longest go first. */
const MAX_CACHE_BYTES = 512 * 1024 * 1024

type Kept = { version: string; path: string; size: number; contentType: string }

export type Renders = ReturnType<typeof createRenders>

/** Pictures made of stored pictures, each made once. They are derived: at the start there are none. */
export function createRenders(folder: string, blobs: Blobs, log: Logger) {
  const images = createImages()
  const making = new Map<string, Promise<Picture>>()
  const kept = new LRUCache<string, Kept>({
    maxSize: MAX_CACHE_BYTES,
    sizeCalculation: ({ size }) => size + 1,
    dispose: ({ path }) => void rm(path, { force: true }).catch(() => {}),
  })

  /** Keeps a picture if there is room; it can be made again. */
  async function keep(key: string, version: string, { bytes, contentType }: Picture): Promise<void> {
    const path = join(folder, createHash('sha256').update(key).digest('hex'))
    try {
      await writeFile(path, bytes, { mode: 0o600 })
      kept.set(key, { version, path, size: bytes.length, contentType })
    } catch (err) {
      await rm(path, { force: true }).catch(() => {})
      log.warn({ err }, 'storage: a picture could not be kept')
    }
  }

  async function make(
    key: string,
    object: StoredObject,
    transformation: Transformation,
    acceptsWebp: boolean,
  ) {
    const { size } = contentOf(blobs, object)
    const source = { size, read: () => blobs.read(object.version) }
    const picture = await images.transform(source, transformation, acceptsWebp)
    await keep(key, object.version, picture)
    return picture
  }

  return {
    async start() {
      await rm(folder, { recursive: true, force: true })
      await mkdir(folder, { recursive: true, mode: 0o700 })
    },

    /** The picture of an object, made or kept. Throws StorageError. */
    async render(
      object: StoredObject,
      transformation: Transformation,
      acceptsWebp: boolean,
    ): Promise<Content> {
      const source = contentOf(blobs, object)
      const key = `${object.version} ${writeTransformation(transformation)} ${acceptsWebp}`
      const described = {
        eTag: `"${createHash('sha256').update(key).digest('hex').slice(0, 32)}"`,
        lastModified: source.lastModified,
        cacheControl: source.cacheControl,
        filename: source.filename,
        ...(transformation.format === undefined ? { vary: 'accept' } : {}),
      }
      const found = kept.get(key)
      if (found) {
        const { path, size, contentType } = found
        return {
          ...described,
          size,
          contentType,
          open: async (range) => (await openKept(path)).createReadStream(range),
        }
      }
      const begun = making.get(key) ?? make(key, object, transformation, acceptsWebp)
      making.set(key, begun)
      const { bytes, contentType } = await begun.finally(() => making.delete(key))
      return {
        ...{ ...described, size: bytes.length, contentType },
        open: async (range) => Readable.from([range ? bytes.subarray(range.start, range.end + 1) : bytes]),
      }
    },

    stop: () => images.stop(),

    /** Removes what was made of these bytes. */
    async forget(version: string): Promise<void> {
      for (const [key, entry] of kept.entries()) {
        if (entry.version !== version) continue
        kept.delete(key)
        await rm(entry.path, { force: true })
      }
    },
  }
}

async function openKept(path: string) {
  return open(path, 'r').catch(() => {
    throw new BlobMissing('A picture went while it was asked for')
  })
}
