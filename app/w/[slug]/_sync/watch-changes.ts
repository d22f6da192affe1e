import { localKey } from '@/lib/local-data'
import type { SharedTopics } from '@/lib/realtime/shared-topics'
import type { SyncEngine } from './engine'
import { watchBroadcasts } from './watch-broadcasts'
import { watchRows } from './watch-rows'

/** How the database of this installation tells of changes; it says so itself. */
export type Transport = 'postgres_changes' | 'broadcast'

type Options = {
  topics: SharedTopics
  me: string
  engine: SyncEngine
  /** The channels whose messages are on the screen or were in this visit. */
  visited(): ReadonlySet<string>
}

/**
 * Hears of every change this person may see, in the way that the database last named. The last visit's is tried first:
 * asking before listening would cost every start a round trip.
 */
export function watchChanges(options: Options) {
  const key = localKey(options.me, 'realtime')
  const watch = (transport: Transport) =>
    transport === 'broadcast' ? watchBroadcasts(options) : watchRows(options)
  let current: Transport = localStorage.getItem(key) === 'broadcast' ? 'broadcast' : 'postgres_changes'
  let watched = watch(current)
  return {
    /** What the picture says of the transport; another one than before takes its place. */
    use(transport: Transport): void {
      if (transport === current) return
      current = transport
      if (transport === 'broadcast') localStorage.setItem(key, transport)
      else localStorage.removeItem(key)
      watched.close()
      options.engine.disconnected()
      watched = watch(transport)
    },
    close: () => watched.close(),
  }
}
