import type { Channel } from '@/features/channels/schema'
import type { Workspace } from '@/features/workspaces/schema'
import { changesTopics } from '@/lib/realtime/topics'

/** Supabase lets a client join a hundred topics; presence and typing need some as well. */
const MAX_CHANNELS = 80

type Options = {
  me: string
  workspaces: readonly Pick<Workspace, 'id' | 'role'>[]
  channels: readonly Pick<Channel, 'id' | 'kind' | 'is_member' | 'head'>[]
  /** Channels that are or were on the screen: those come first. */
  visited: ReadonlySet<string>
  /** Topics that are joined: of equals they stay, so that a list in motion does not join and leave. */
  open: ReadonlySet<string>
}

/**
 * The topics to listen to. Direct conversations need none, they come on the person's own. `unheard`: there is more that
 * only asking tells, in channels beyond the limit or in other workspaces.
 */
export function pickTopics({ me, workspaces, channels, visited, open }: Options) {
  const mine = channels.filter(({ kind, is_member }) => is_member && kind !== 'direct')
  const rank = (id: string) => (visited.has(id) ? 2 : 0) + (open.has(changesTopics.channel(id)) ? 1 : 0)
  const used = (head: Channel['head']) => head.last_message_at ?? ''
  const best =
    mine.length <= MAX_CHANNELS
      ? mine
      : mine
          .toSorted((a, b) => rank(b.id) - rank(a.id) || used(b.head).localeCompare(used(a.head)))
          .slice(0, MAX_CHANNELS)
  const topics = [
    changesTopics.user(me),
    // Guests hear of what concerns them on their own topic.
    ...workspaces.filter(({ role }) => role !== 'guest').map(({ id }) => changesTopics.workspace(id)),
    ...best.map(({ id }) => changesTopics.channel(id)),
  ]
  return { topics, unheard: best.length < mine.length || workspaces.length > 1 }
}
