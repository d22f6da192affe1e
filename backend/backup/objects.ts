import type postgres from 'postgres'
import { BlobMissing, type Blobs } from '../storage/blobs/blobs'
import type { Archive } from './write-archive'

type Stored = { version: string; bytes: number }

/**
 * Puts files that are kept in S3 into an archive, where the data folder would have them. `packed` names those that are
 * in it already. One that was removed since it was listed is left out, as its row will be.
 */
export async function packObjects(
  archive: Archive,
  { admin, blobs, packed }: { admin: postgres.Sql; blobs: Blobs; packed: Set<string> },
): Promise<void> {
  const stored = await admin<Stored[]>`
    select distinct version, (metadata ->> 'size')::float8 as bytes from storage.objects
    where version is not null and metadata ? 'size'`
  for (const { version, bytes } of stored) {
    const path = `storage/objects/${version.slice(0, 2)}/${version}`
    if (packed.has(path)) continue
    const content = await blobs.read(version).catch((error: unknown) => {
      if (error instanceof BlobMissing) return undefined
      throw error
    })
    if (!content) continue
    packed.add(path)
    await archive.file(path, bytes, content)
  }
}
