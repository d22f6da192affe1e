import { toAppError } from '@/lib/errors'
import type { AppClient } from '@/lib/supabase/client'
import { type Attachment, BUCKET, pathOf } from './schema'

const loadStorage = () => import('@/lib/supabase/storage')

/** Announces a file before its bytes are uploaded. The same one again is not an error. */
export async function createAttachment(client: AppClient, channelId: string, attachment: Attachment) {
  const { error, status } = await client
    .from('attachments')
    .upsert(
      { channel_id: channelId, ...attachment },
      { onConflict: 'id', ignoreDuplicates: true, defaultToNull: false },
    )
  if (error) throw toAppError(error, status)
}

/** Removes bytes: through the storage API, because only it removes them on every backend. */
export async function removeObjects(
  client: AppClient,
  channelId: string,
  attachments: readonly Attachment[],
) {
  if (attachments.length === 0) return
  const { getStorage, toStorageError } = await loadStorage()
  const bucket = (await getStorage(client)).from(BUCKET)
  const { error } = await bucket.remove(attachments.map((attachment) => pathOf(channelId, attachment)))
  if (error) throw toStorageError(error)
}

/** Gives up a file that was not sent, and whatever was uploaded of it. */
export async function removeAttachment(client: AppClient, channelId: string, attachment: Attachment) {
  await removeObjects(client, channelId, [attachment])
  const { error, status } = await client.from('attachments').delete().eq('id', attachment.id)
  if (error) throw toAppError(error, status)
}

/** Says in words what a picture shows; an empty text takes it back. */
export async function describeAttachment(client: AppClient, id: string, alt: string) {
  const { data, error, status } = await client
    .from('attachments')
    .update({ alt: alt || null })
    .eq('id', id)
    .select('id')
  if (error) throw toAppError(error, status)
  if (data.length === 0)
    throw toAppError({ message: 'The file is gone.', details: 'attachment_not_found' }, 404)
}
