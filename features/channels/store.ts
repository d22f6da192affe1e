import { createStore, useStore } from '@/lib/store'
import { unchanged } from '@/lib/unchanged'
import { type Channel, type ChannelRead, type ChannelRow, completeChannel, readOn } from './schema'

type State = { byId: Record<string, Channel> }

/** The channels of the open workspace that I am in, and those I look at without being in them. */
export const channels = createStore<State>({ byId: {} })

export function setChannels(rows: ChannelRow[]) {
  channels.set(({ byId }) => ({
    byId: Object.fromEntries(rows.map((row) => [row.id, unchanged(completeChannel(row), byId[row.id])])),
  }))
}

/** Forgets everything: another workspace is about to be loaded, or the person signed out. */
export function clearChannels() {
  channels.set({ byId: {} })
}

/** Merges a row of `channels`, of `channel_members`, or an answer of a function. */
export function applyChannel(row: ChannelRow) {
  channels.set((state) => ({
    ...state,
    byId: { ...state.byId, [row.id]: completeChannel(row, state.byId[row.id]) },
  }))
}

export function removeChannel(id: string) {
  channels.set((state) => {
    if (!state.byId[id]) return state
    const { [id]: _gone, ...byId } = state.byId
    return { ...state, byId }
  })
}

const patch = (id: string, change: (channel: Channel) => Partial<Channel>) =>
  channels.set((state) => {
    const channel = state.byId[id]
    return channel ? { ...state, byId: { ...state.byId, [id]: { ...channel, ...change(channel) } } } : state
  })

/** Notes how far this person says to have read; what the database would not take back is not taken back here. */
export function applyRead(id: string, read: ChannelRead, mentionCount?: number) {
  patch(id, (channel) => ({
    read: readOn(channel.read, read),
    mention_count: mentionCount ?? channel.mention_count,
  }))
}

export const useChannel = (id: string | null | undefined) =>
  useStore(channels, (state) => (id ? (state.byId[id] ?? null) : null))

export const useChannels = () => useStore(channels, (state) => state.byId)
