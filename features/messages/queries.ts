import { toAppError } from '@/lib/errors'
import { callFunction } from '@/lib/supabase/call'
import type { AppClient } from '@/lib/supabase/client'
import type { ChannelChanges, ChannelPage, Message, MessageContext, ThreadPage } from './schema'

export type PageAt = { before?: number; after?: number; around?: number }

export type TimelineReads = {
  channelPage(channelId: string, at?: PageAt): Promise<ChannelPage>
  channelChanges(channelId: string, sinceRev: number): Promise<ChannelChanges>
  threadPage(rootId: string, before?: number): Promise<ThreadPage>
  messageContext(messageId: string): Promise<MessageContext>
}

/** Reads of the timeline; each is one round trip and rejects with an AppError. */
export function timelineReads(client: AppClient): TimelineReads {
  return {
    channelPage: (channelId, at = {}) =>
      callFunction(client, 'channel_page', {
        channel_id: channelId,
        before_seq: at.before ?? null,
        after_seq: at.after ?? null,
        around_seq: at.around ?? null,
      }),
    channelChanges: (channelId, sinceRev) =>
      callFunction(client, 'channel_changes', { channel_id: channelId, since_rev: sinceRev }),
    threadPage: (rootId, before) =>
      callFunction(client, 'thread_page', { root_id: rootId, before_seq: before ?? null }),
    messageContext: (messageId) => callFunction(client, 'message_context', { message_id: messageId }),
  }
}

/** One message by id; null when there is none that the person may see. */
export async function getMessage(client: AppClient, id: string): Promise<Message | null> {
  const { data, error, status } = await client.from('messages').select('*').eq('id', id).maybeSingle()
  if (error) throw toAppError(error, status)
  return data as Message | null
}
