import { Typing, type TypingEvent } from '@/features/presence/typing'
import { keepSubscribed } from '@/lib/realtime/keep-subscribed'
import { channelTopic } from '@/lib/realtime/topics'
import type { AppClient } from '@/lib/supabase/client'

type Topic = { typing: Typing; stop(): void; users: number }

/** Who is typing in the open channels. The conversation and its thread share one topic. */
export function createTypingTopics(client: AppClient, me: string) {
  const topics = new Map<string, Topic>()

  function start(channelId: string): Topic {
    const topic = keepSubscribed({
      client,
      build() {
        const channel = client.channel(channelTopic(channelId), {
          config: { private: true, broadcast: { self: false } },
        })
        channel.on('broadcast', { event: 'typing' }, ({ payload, meta }) => {
          // The embedded backend says who speaks; what the payload says of that proves nothing.
          const { user_id } = { ...(payload as TypingEvent), ...(meta as Partial<TypingEvent>) }
          typing.receive({ ...(payload as TypingEvent), user_id })
        })
        return channel
      },
    })
    const typing = new Typing(me, (payload) => {
      const channel = topic.channel()
      // Before it is joined, a message would go by a request of its own: not worth it for this.
      if (channel?.state === 'joined') void channel.send({ type: 'broadcast', event: 'typing', payload })
    })
    const stop = () => {
      topic.stop()
      typing.close()
    }
    return { typing, stop, users: 0 }
  }

  return {
    open(channelId: string): Typing {
      const topic = topics.get(channelId) ?? start(channelId)
      topic.users++
      topics.set(channelId, topic)
      return topic.typing
    },
    close(channelId: string): void {
      const topic = topics.get(channelId)
      if (!topic || --topic.users > 0) return
      topics.delete(channelId)
      topic.stop()
    },
    arrived(channelId: string, userId: string, threadId: string | null): void {
      topics.get(channelId)?.typing.arrived(userId, threadId)
    },
    stop(): void {
      for (const topic of topics.values()) topic.stop()
      topics.clear()
    },
  }
}

export type TypingTopics = ReturnType<typeof createTypingTopics>
