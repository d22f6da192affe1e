import { statfs } from 'node:fs/promises'

/** What files leave free: their disk is mostly the database's too, which stops when it finds none. */
const RESERVE_BYTES = 256 * 1024 * 1024
/** Looked at again after so much, for everybody writes at once. */
const EVERY_BYTES = 4 * 1024 * 1024

/** Passes bytes on while the disk of a folder has more free than the reserve; then fails as a full disk does (ENOSPC). */
export async function* leavingRoom(
  folder: string,
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let left = 0
  for await (const chunk of bytes) {
    if (left <= 0) {
      await checkRoom(folder)
      left = EVERY_BYTES
    }
    left -= chunk.length
    yield chunk
  }
}

async function checkRoom(folder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  if (bavail * bsize >= RESERVE_BYTES) return
  throw Object.assign(new Error('What is left of the disk is kept for the database'), { code: 'ENOSPC' })
}
