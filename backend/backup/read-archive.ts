import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { extract } from 'tar-stream'
import { StartError } from '../start-error'
import { MANIFEST, type Manifest, parseManifest } from './manifest'

/** Takes the content of one file or folder of an archive. A folder has no content. */
export type Visit = (entry: {
  path: string
  isFolder: boolean
  content: AsyncIterable<Buffer>
}) => Promise<void>

/**
 * Reads a whole archive, hands every entry to `visit` and compares each with the manifest. Returns the manifest.
 * A StartError says what is wrong with the archive; what was visited by then must not be used.
 */
export async function readArchive(file: string, visit: Visit = drain): Promise<Manifest> {
  const found = new Map<string, { bytes: number; sha256: string }>()
  let manifestText: string | undefined
  const unpack = extract()
  const reading = pipeline(createReadStream(file), createGunzip(), unpack).catch((error: unknown) => {
    throw new StartError(`${file} is damaged or incomplete (${message(error)}): use another backup.`)
  })
  reading.catch(() => {})
  const visiting = async () => {
    for await (const entry of unpack) {
      const { name, type } = entry.header
      const path = checkPath(file, name, type)
      if (path === MANIFEST) {
        const parts: Buffer[] = []
        for await (const part of entry as AsyncIterable<Buffer>) parts.push(part)
        manifestText = Buffer.concat(parts).toString('utf8')
        continue
      }
      const hash = createHash('sha256')
      let bytes = 0
      const content = async function* () {
        for await (const part of entry as AsyncIterable<Buffer>) {
          hash.update(part)
          bytes += part.length
          yield part
        }
      }
      await visit({ path, isFolder: type === 'directory', content: content() })
      if (type === 'file') found.set(path, { bytes, sha256: hash.digest('hex') })
    }
  }
  try {
    await visiting()
  } catch (error) {
    unpack.destroy()
    await reading
    throw error
  }
  await reading
  if (manifestText === undefined) throw new StartError(`${file} is incomplete: use another backup.`)
  const manifest = parseManifest(file, manifestText)
  compare(file, manifest, found)
  return manifest
}

const drain: Visit = async ({ content }) => {
  for await (const _ of content);
}

/** Nothing may be written outside of the folder that is restored, and links could lead out of it. */
function checkPath(file: string, name: string, type: string | null | undefined): string {
  const path = name.replace(/^\.\//, '').replace(/\/$/, '')
  const parts = path.split('/')
  const leaves = path.startsWith('/') || parts.some((part) => part === '..' || part === '' || part === '.')
  if (!leaves && (type === 'file' || type === 'directory') && !path.includes('\\')) return path
  throw new StartError(`${file} holds "${name.slice(0, 200)}", which no backup does: use another backup.`)
}

function compare(
  file: string,
  { members }: Manifest,
  found: Map<string, { bytes: number; sha256: string }>,
): void {
  for (const { path, bytes, sha256 } of members) {
    const is = found.get(path)
    if (is?.bytes !== bytes || is.sha256 !== sha256) {
      throw new StartError(`${file} is damaged (${path} is not what was written): use another backup.`)
    }
  }
  if (found.size !== members.length) {
    throw new StartError(`${file} holds files that its manifest does not name: use another backup.`)
  }
}

const message = (error: unknown) => (error instanceof Error ? error.message : String(error))
