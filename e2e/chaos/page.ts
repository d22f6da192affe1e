import { openSession } from '@/app/w/[slug]/_sync/session'
import { watchPresence } from '@/app/w/[slug]/_sync/watch-presence'
import { joinChannel, leaveChannel } from '@/features/channels/mutations'
import { applyChannel, channels, removeChannel } from '@/features/channels/store'
import { deleteMessage, updateMessage } from '@/features/messages/mutations'
import { presence } from '@/features/presence/store'
import { addReaction, removeReaction } from '@/features/reactions/mutations'
import { markRead } from '@/features/read-states/mutations'
import { isRetryable, toAppError } from '@/lib/errors'
import { getSupabase } from '@/lib/supabase/client'

const RETRY_MS = 1_000

/**
 * What is bundled and run in a realm: the product's client code as its screens use it, without the screens. Whatever
 * keeps the copies in step is the product's; this only passes on what a person wants.
 */
export async function open(me: string, slug: string) {
  const client = await getSupabase()
  const session = await openSession(client, me, slug)
  let changedAt = performance.now()
  for (const store of [channels, session.timelines.store]) {
    store.subscribe(() => {
      changedAt = performance.now()
    })
  }
  return {
    /** When what the page shows changed last. */
    changedAt: () => changedAt,
    channels: () => channels.get().byId,
    windows: () => session.timelines.store.get(),
    outbox: session.outbox.store,
    live: () => session.status.get().live,
    phase: () => session.status.get().phase,
    openChannel: (id: string) => session.timelines.open(id),
    /** The page of the timeline before what is loaded. */
    loadBefore: (id: string) => session.timelines.loadMore(id, 'before'),
    /** Is seen as here by the others of the workspace, and sees who else is. */
    appear: (workspaceId: string) => watchPresence(session.topics, me, workspaceId),
    present: () => Object.keys(presence.get()),
    openThread: (channelId: string, rootId: string) => session.timelines.openThread(channelId, rootId),
    send: (channel_id: string, thread_id: string | null, body: string) =>
      session.outbox.add({ channel_id, thread_id, body }).id,
    edit: async (id: string, body: string) => {
      const row = await updateMessage(client, id, body)
      session.timelines.receive([row], 'ack')
    },
    remove: (id: string) => deleteMessage(client, id),
    react: (message_id: string, channel_id: string, emoji: string) =>
      addReaction(client, { message_id, channel_id, user_id: me, emoji }),
    unreact: (message_id: string, channel_id: string, emoji: string) =>
      removeReaction(client, { message_id, channel_id, user_id: me, emoji }),
    read: async (channelId: string, seq: number) => {
      session.applyRead(channelId, { last_read_seq: seq, unread_from_seq: null }, 0)
      for (;;) {
        try {
          return await markRead(client, channelId, seq)
        } catch (error) {
          if (!isRetryable(toAppError(error))) throw error
          await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
        }
      }
    },
    join: async (id: string) => applyChannel(await joinChannel(client, id)),
    leave: async (id: string) => {
      await leaveChannel(client, id)
      removeChannel(id)
    },
    refreshToken: async () => {
      const { error } = await client.auth.refreshSession()
      if (error) throw error
    },
  }
}

export type OpenPage = Awaited<ReturnType<typeof open>>
