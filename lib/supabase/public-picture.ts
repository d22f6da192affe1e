import type { AppClient } from './client'
import { getStorage, toStorageError } from './storage'

/**
 * Puts a picture into a folder of a public bucket in the place of what was there, and gives the address everybody sees it
 * at: of this site where storage is served by it, so that the site can move. Rejects with an AppError.
 */
export async function uploadPicture(
  client: AppClient,
  bucketName: string,
  folder: string,
  picture: Blob,
): Promise<string> {
  const bucket = (await getStorage(client)).from(bucketName)
  const path = `${folder}/${crypto.randomUUID()}`
  const { error } = await bucket.upload(path, picture, {
    contentType: picture.type,
    cacheControl: '31536000',
  })
  if (error) throw toStorageError(error)
  const address = new URL(bucket.getPublicUrl(path).data.publicUrl)
  return address.origin === window.location.origin ? address.pathname : address.href
}

/** Removes every other picture of a folder; what cannot be removed now goes with the next one. */
export async function removeOtherPictures(
  client: AppClient,
  bucketName: string,
  folder: string,
  kept: string | null,
) {
  const bucket = (await getStorage(client)).from(bucketName)
  const { data } = await bucket.list(folder)
  const others = (data ?? []).map(({ name }) => `${folder}/${name}`).filter((path) => !kept?.endsWith(path))
  if (others.length > 0) await bucket.remove(others)
}
