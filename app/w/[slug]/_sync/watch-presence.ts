import { watchIdle } from '@/features/presence/idle'
import { setPresence } from '@/features/presence/store'
import type { SharedTopics } from '@/lib/realtime/shared-topics'
import { workspaceTopic } from '@/lib/realtime/topics'

/** Somebody is here as long as they are in any of their tabs. */
export const mergePresence = (shown: object[]): object => ({
  state: shown.some((meta) => (meta as { state?: unknown }).state === 'online') ? 'online' : 'away',
})

/** Says that I am here, or away, on the workspace's topic, and learns who else is. */
export function watchPresence(topics: SharedTopics, me: string, workspaceId: string): () => void {
  const topic = topics.open(
    { topic: workspaceTopic(workspaceId), private: true, presence: me },
    // Who is here is not known while nothing arrives; a dot that may be wrong is worse than none.
    (news) => {
      if (news.kind === 'presence') setPresence(news.state)
      if (news.kind === 'down') setPresence({})
    },
  )
  topic.show({ state: 'online' })
  const stopIdle = watchIdle((away) => topic.show({ state: away ? 'away' : 'online' }))
  return () => {
    stopIdle()
    topic.close()
    setPresence({})
  }
}
