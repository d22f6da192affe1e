import { Typing, type TypingEvent } from '@/features/presence/typing'
import type { SharedTopics } from '@/lib/realtime/shared-topics'
import { channelTopic } from '@/lib/realtime/topics'

type Topic = { typing: Typing; stop(): void; users: number }

/** Who is typing in the open channels. The conversation and its thread share one topic. */
export function createTypingTopics(shared: SharedTopics, me: string) {
  const topics = new Map<string, Topic>()

  function start(channelId: string): Topic {
    const topic = shared.open(
      { topic: channelTopic(channelId), private: true, broadcast: 'typing' },
      (news) => {
        if (news.kind !== 'broadcast') return
        // The embedded backend says who speaks; what the payload says of that proves nothing.
        const { user_id } = { ...(news.payload as TypingEvent), ...(news.meta as Partial<TypingEvent>) }
        typing.receive({ ...(news.payload as TypingEvent), user_id })
      },
    )
    const typing = new Typing(me, topic.send)
    const stop = () => {
      topic.close()
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
