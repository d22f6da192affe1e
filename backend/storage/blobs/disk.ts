import { randomUUID } from 'node:crypto'
import { type FileHandle, link, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { errorCode } from '../../start-error'
import { leavingRoom } from '../room'
import { BlobMissing, type Blobs, checkVersion } from './blobs'

/** Reading takes fewer turns with larger pieces; a download holds one of them. */
const READ_BYTES = 256 * 1024

/** Bytes in the files of a folder: `objects/<two digits>/<name>`, and `drafts/` for what is not complete. */
export function createDiskBlobs(folder: string): Blobs {
  const drafts = join(folder, 'drafts')
  const placeOf = (version: string) => join(folder, 'objects', checkVersion(version).slice(0, 2), version)

  /** Gives a complete and synced draft its name. */
  async function publish(draft: string, version: string): Promise<void> {
    const place = placeOf(version)
    const shelf = dirname(place)
    if (await mkdir(shelf, { recursive: true, mode: 0o700 })) await syncFolder(dirname(shelf))
    await rename(draft, place)
    await syncFolder(shelf)
  }

  return {
    async start() {
      // What was being written when the server ended.
      await rm(drafts, { recursive: true, force: true })
      for (const path of [folder, join(folder, 'objects'), drafts]) {
        await mkdir(path, { recursive: true, mode: 0o700 })
      }
    },

    async write(version, bytes) {
      checkVersion(version)
      const draft = join(drafts, randomUUID())
      try {
        const file = await open(draft, 'wx', 0o600)
        try {
          // One piece at a time: a slow disk slows the client down, not the memory up.
          for await (const chunk of leavingRoom(folder, bytes)) await file.writeFile(chunk)
          await file.sync()
        } finally {
          await file.close()
        }
        await publish(draft, version)
      } catch (error) {
        await rm(draft, { force: true })
        throw error
      }
    },

    async keep(version, path) {
      const file = await open(path, 'r')
      await file.sync().finally(() => file.close())
      const draft = join(drafts, randomUUID())
      // A second name for the same bytes, and no copy of them.
      await link(path, draft)
      await publish(draft, version)
    },

    async read(version, range) {
      const file = await openBlob(placeOf(version))
      return file.createReadStream({ ...range, highWaterMark: READ_BYTES })
    },

    async remove(version) {
      await rm(placeOf(version), { force: true })
    },

    async stop() {},
  }
}

async function openBlob(place: string): Promise<FileHandle> {
  try {
    return await open(place, 'r')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') throw new BlobMissing('The bytes of a file are missing')
    throw error
  }
}

/** What a folder holds survives a loss of power only once the folder itself is on disk. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  await folder.sync().finally(() => folder.close())
}
