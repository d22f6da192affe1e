import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { type Pack, pack } from 'tar-stream'
import { syncFolder } from '../write-file'
import { MANIFEST, type Manifest, type Member } from './manifest'
import { readArchive } from './read-archive'

/** What is put into an archive, in the order of the calls. */
export type Archive = {
  folder(path: string): Promise<void>
  /** `content` has exactly `bytes` bytes. */
  file(path: string, bytes: number, content: AsyncIterable<Buffer>): Promise<void>
}

/** What the manifest says besides the list of members. */
export type About = Omit<Manifest, 'format' | 'members'>

/**
 * Writes a `.tar.gz` (0600) under a temporary name, puts it safely on disk, reads it back, compares every member and
 * only then gives it its name: whatever interrupts this, a file of that name is whole. An existing one is replaced.
 * `signal` ends it between two members.
 */
export async function writeArchive(
  file: string,
  fill: (archive: Archive) => Promise<About>,
  signal?: AbortSignal,
): Promise<Manifest> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${randomUUID()}.part`
  try {
    await writeDraft(draft, fill, signal)
    const manifest = await readArchive(draft, async ({ content }) => {
      for await (const _ of content);
      signal?.throwIfAborted()
    })
    await rename(draft, file)
    await syncFolder(dirname(file))
    return manifest
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

async function writeDraft(
  draft: string,
  fill: (archive: Archive) => Promise<About>,
  signal?: AbortSignal,
): Promise<void> {
  const tar = pack()
  const target = createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true })
  // What people write compresses well at any level, and a chat that is in use has better work for its processor.
  const written = pipeline(tar, createGzip({ level: 1 }), target)
  const filled = fillTar(tar, fill, signal).catch((error: unknown) => {
    tar.destroy(error instanceof Error ? error : new Error(String(error)))
    throw error
  })
  // Whichever fails first is the reason; the other then fails because of it.
  await Promise.race([filled, written.then(() => filled)]).catch(async (error: unknown) => {
    tar.destroy()
    await Promise.allSettled([filled, written])
    throw error
  })
  await written
}

async function fillTar(
  tar: Pack,
  fill: (archive: Archive) => Promise<About>,
  signal?: AbortSignal,
): Promise<void> {
  const members: Member[] = []
  const about = await fill({
    folder: (path) => add(tar, path, 0, undefined),
    async file(path, bytes, content) {
      signal?.throwIfAborted()
      const hash = createHash('sha256')
      await add(tar, path, bytes, hashed(content, hash))
      members.push({ path, bytes, sha256: hash.digest('hex') })
    },
  })
  const manifest: Manifest = { format: 1, ...about, members }
  const text = Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`)
  await add(tar, MANIFEST, text.length, [text])
  tar.finalize()
}

async function* hashed(content: AsyncIterable<Buffer>, hash: ReturnType<typeof createHash>) {
  for await (const part of content) {
    hash.update(part)
    yield part
  }
}

async function add(tar: Pack, name: string, size: number, content?: Content): Promise<void> {
  const header = { name, size, mode: content ? 0o600 : 0o700, mtime: new Date() }
  let packed: Promise<void> | undefined
  const entry = await new Promise<NodeJS.WritableStream>((resolve) => {
    packed = new Promise((done, failed) => {
      const type = content ? 'file' : 'directory'
      resolve(tar.entry({ ...header, type }, (error) => (error ? failed(error) : done())))
    })
    packed.catch(() => {})
  })
  if (!content) return packed
  for await (const part of content) {
    if (!entry.write(part)) await Promise.race([once(entry, 'drain'), packed])
  }
  entry.end()
  await packed
}

type Content = AsyncIterable<Buffer> | Iterable<Buffer>

/** The first `bytes` bytes of a file that may grow meanwhile; shorter than that is an error. */
export async function* readFileExactly(path: string, bytes: number): AsyncGenerator<Buffer> {
  if (bytes === 0) return
  let left = bytes
  for await (const part of createReadStream(path, { start: 0, end: bytes - 1 })) {
    left -= part.length
    yield part
  }
  if (left > 0) throw new Error(`${path} became shorter while it was read`)
}

/** The size of a file in bytes; undefined when it is gone. */
export async function sizeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    (found) => (found.isFile() ? found.size : undefined),
    () => undefined,
  )
}
