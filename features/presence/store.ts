import { createStore, useStore } from '@/lib/store'

export type Presence = 'online' | 'away'
type Meta = { state?: unknown }

/** Who is here in the open workspace; whoever is not in it is gone. */
export const presence = createStore<Readonly<Record<string, Presence>>>({})

/** Takes the state of the workspace's topic: a person is here when any of their devices is. */
export function setPresence(state: Record<string, readonly Meta[]>): void {
  const next: Record<string, Presence> = {}
  for (const [userId, metas] of Object.entries(state)) {
    if (metas.length) next[userId] = metas.some((meta) => meta.state !== 'away') ? 'online' : 'away'
  }
  presence.set(next)
}

export const usePresence = (userId: string | null | undefined) =>
  useStore(presence, (all): Presence | null => (userId ? (all[userId] ?? null) : null))
