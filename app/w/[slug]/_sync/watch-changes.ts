import { keepSubscribed } from '@/lib/realtime/keep-subscribed'
import type { AppClient } from '@/lib/supabase/client'
import type { SyncEngine } from './engine'
import type { Change } from './ports'

const TABLES = ['messages', 'profiles', 'channels', 'channel_members', 'workspace_members', 'workspaces']
/** Rows of these concern one person only. */
const OWN_TABLES = ['read_states', 'drafts']

/** Subscribes the engine to every change this person may see; policies in the database decide which those are. */
export function watchChanges(client: AppClient, me: string, engine: SyncEngine) {
  const receive = (payload: {
    table: string
    eventType: Change['type']
    new: object
    old: object
    errors: string[] | null
  }) => {
    // A row too large for the wire, or one that could not be checked: the database is asked instead.
    if (payload.errors?.length) return void engine.refresh()
    const row = payload.eventType === 'DELETE' ? payload.old : payload.new
    engine.receive({ table: payload.table, type: payload.eventType, row: row as Record<string, unknown> })
  }
  return keepSubscribed({
    client,
    build() {
      const channel = client.channel(`sync:${me}`)
      for (const table of TABLES) {
        channel.on('postgres_changes', { event: '*', schema: 'public', table }, receive)
      }
      for (const table of OWN_TABLES) {
        const filter = `user_id=eq.${me}`
        channel.on('postgres_changes', { event: '*', schema: 'public', table, filter }, receive)
      }
      // Joined is not yet subscribed: changes come from the moment the server says so.
      channel.on('system', {}, (payload: { extension?: string; status?: string }) => {
        if (payload.extension === 'postgres_changes' && payload.status === 'ok') void engine.refresh()
      })
      return channel
    },
    up: () => engine.connected(),
    down: () => engine.disconnected(),
  })
}
