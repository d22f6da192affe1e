import { toAppError } from '@/lib/errors'
import type { AppClient } from '@/lib/supabase/client'

type Reaction = { message_id: string; channel_id: string; user_id: string; emoji: string }

/** Twice the same is once. */
export async function addReaction(client: AppClient, reaction: Reaction): Promise<void> {
  const { message_id, emoji } = reaction
  const { error, status } = await client
    .from('reactions')
    .upsert({ message_id, emoji }, { onConflict: 'message_id,user_id,emoji', ignoreDuplicates: true })
  if (error) throw toAppError(error, status)
}

export async function removeReaction(client: AppClient, reaction: Reaction): Promise<void> {
  const { message_id, user_id, emoji } = reaction
  const { error, status } = await client.from('reactions').delete().match({ message_id, user_id, emoji })
  if (error) throw toAppError(error, status)
}
