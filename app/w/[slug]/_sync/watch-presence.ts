import { watchIdle } from '@/features/presence/idle'
import { type Presence, setPresence } from '@/features/presence/store'
import { keepSubscribed } from '@/lib/realtime/keep-subscribed'
import { workspaceTopic } from '@/lib/realtime/topics'
import type { AppClient } from '@/lib/supabase/client'

/** A server may close a topic that tracks more than five times in thirty seconds. */
const TRACK_EVERY_MS = 8_000

/** Says that I am here, or away, on the workspace's topic, and learns who else is. */
export function watchPresence(client: AppClient, me: string, workspaceId: string): () => void {
  let state: Presence = 'online'
  let tracked: Presence | null = null
  let trackedAt = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  const track = () => {
    clearTimeout(timer)
    const channel = topic.channel()
    if (!channel || tracked === state) return
    const wait = trackedAt + TRACK_EVERY_MS - Date.now()
    if (wait > 0) {
      timer = setTimeout(track, wait)
      return
    }
    tracked = state
    trackedAt = Date.now()
    void channel.track({ state })
  }
  const topic = keepSubscribed({
    client,
    build() {
      const channel = client.channel(workspaceTopic(workspaceId), {
        config: { private: true, presence: { key: me } },
      })
      channel.on('presence', { event: 'sync' }, () => setPresence(channel.presenceState()))
      return channel
    },
    up() {
      tracked = null
      track()
    },
    // Who is here is not known while nothing arrives; a dot that may be wrong is worse than none.
    down: () => setPresence({}),
  })
  const stopIdle = watchIdle((away) => {
    state = away ? 'away' : 'online'
    track()
  })
  return () => {
    clearTimeout(timer)
    stopIdle()
    topic.stop()
    setPresence({})
  }
}
