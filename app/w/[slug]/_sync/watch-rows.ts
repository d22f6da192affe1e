import type { SharedTopics } from '@/lib/realtime/shared-topics'
import type { News } from '@/lib/realtime/tab-messages'
import type { SyncEngine } from './engine'

const TABLES = ['messages', 'profiles', 'channels', 'channel_members', 'workspace_members', 'workspaces']
/** Rows of these concern one person only. */
const OWN_TABLES = ['read_states', 'drafts']

type Options = { topics: SharedTopics; me: string; engine: SyncEngine }

/** Subscribes the engine to the rows this person may see; policies in the database decide which those are. */
export function watchRows({ topics, me, engine }: Options) {
  const changes = [
    ...TABLES.map((table) => ({ table })),
    ...OWN_TABLES.map((table) => ({ table, filter: `user_id=eq.${me}` })),
  ]
  return topics.open({ topic: `sync:${me}`, changes }, (news: News) => {
    if (news.kind === 'up') engine.connected()
    else if (news.kind === 'down') engine.disconnected()
    else if (news.kind === 'change') {
      const { table, eventType, new: added, old, errors } = news.change
      // A row too large for the wire, or one that could not be checked: the database is asked instead.
      if (errors?.length) void engine.refresh()
      else engine.receive({ table, type: eventType, row: eventType === 'DELETE' ? old : added })
    }
  })
}
