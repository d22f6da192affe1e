import { toAppError } from '@/lib/errors'
import type { AppClient } from '@/lib/supabase/client'
import { type Attachment, BUCKET, pathOf } from './schema'

const loadStorage = () => import('@/lib/supabase/storage')

/** A signed address is good for whoever has it: it lives long enough to begin with it, and is asked for again after that. */
export const ADDRESS_SECONDS = 60

/** Above this a picture is only ever loaded smaller than it is. */
const MAX_ORIGINAL_BYTES = 10_000_000

/** Two pixels for each one drawn in the timeline, and what fills a screen. */
const BOXES = { small: { width: 720, height: 600 }, large: { width: 2400, height: 2400 } }

export type PictureSize = keyof typeof BOXES

/**
 * A picture as it is to be drawn: made smaller by the server unless it is small already, or moves. Asked for with the
 * person's token each time, so that no address of it exists which somebody else could use.
 */
export async function getPicture(
  client: AppClient,
  channelId: string,
  attachment: Attachment,
  size: PictureSize,
): Promise<Blob> {
  const { getStorage, toStorageError } = await loadStorage()
  const bucket = (await getStorage(client)).from(BUCKET)
  const path = pathOf(channelId, attachment)
  const box = BOXES[size]
  const fits = (attachment.width ?? 0) <= box.width && (attachment.height ?? 0) <= box.height
  const light = attachment.size <= (size === 'small' ? 300_000 : 3_000_000)
  const original = async () => {
    const { data, error } = await bucket.download(path)
    if (error) throw toStorageError(error)
    return data
  }
  if (attachment.type === 'image/gif' || (fits && light)) return original()
  const { data, error } = await bucket.download(path, { transform: { ...box, resize: 'contain' } })
  if (!error) return data
  const problem = toStorageError(error)
  // Some Supabase plans make nothing smaller.
  const refused = problem.status === 400 || problem.status === 403 || problem.status >= 500
  if (refused && attachment.size <= MAX_ORIGINAL_BYTES) return original()
  throw problem
}

/** The bytes themselves. */
export async function getBytes(client: AppClient, channelId: string, attachment: Attachment): Promise<Blob> {
  const { getStorage, toStorageError } = await loadStorage()
  const { data, error } = await (await getStorage(client))
    .from(BUCKET)
    .download(pathOf(channelId, attachment))
  if (error) throw toStorageError(error)
  return data
}

/** An address that works for a minute: to play from any place in it, or to save it under its name. */
export async function getAddress(
  client: AppClient,
  channelId: string,
  attachment: Attachment,
  use: 'play' | 'save',
): Promise<string> {
  const { getStorage, toStorageError } = await loadStorage()
  const bucket = (await getStorage(client)).from(BUCKET)
  const { data, error } = await bucket.createSignedUrl(
    pathOf(channelId, attachment),
    ADDRESS_SECONDS,
    use === 'save' ? { download: attachment.name } : undefined,
  )
  if (error) throw toStorageError(error)
  return data.signedUrl
}

export type ListedAttachment = Attachment & {
  kind: string
  user_id: string | null
  message_id: string
  sent_at: string
}

export const PAGE_SIZE = 48

/** What was sent to a channel, newest first. */
export async function listAttachments(
  client: AppClient,
  channelId: string,
  kinds: readonly string[],
  before?: string,
): Promise<ListedAttachment[]> {
  let query = client
    .from('attachments')
    .select(
      'id, name, type, size, width, height, duration, waveform, alt, kind, user_id, message_id, sent_at',
    )
    .eq('channel_id', channelId)
    .not('message_id', 'is', null)
    .order('sent_at', { ascending: false })
    .limit(PAGE_SIZE)
  if (kinds.length > 0) query = query.in('kind', [...kinds])
  if (before) query = query.lt('sent_at', before)
  const { data, error, status } = await query
  if (error) throw toAppError(error, status)
  return data.map((row) =>
    Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)),
  ) as never
}
