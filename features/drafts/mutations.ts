import { toAppError } from '@/lib/errors'
import type { AppClient } from '@/lib/supabase/client'

/** Stores a draft; an empty one is how the other devices hear that it was sent or cleared. */
export async function saveDraft(
  client: AppClient,
  userId: string,
  channelId: string,
  threadId: string | null,
  body: string,
): Promise<void> {
  const row = { user_id: userId, channel_id: channelId, thread_id: threadId, body }
  const { error, status } = await client
    .from('drafts')
    .upsert(row, { onConflict: 'user_id,channel_id,thread_id' })
  if (error) throw toAppError(error, status)
}
