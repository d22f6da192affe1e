import { createStore, useStore } from '@/lib/store'
import { type Channel, type ChannelHead, type ChannelRead, type ChannelRow, completeChannel } from './schema'

type State = { byId: Record<string, Channel>; loaded: boolean }

/** The channels of the open workspace that I am in, and those I look at without being in them. */
export const channels = createStore<State>({ byId: {}, loaded: false })

export function setChannels(rows: ChannelRow[]) {
  channels.set({ byId: Object.fromEntries(rows.map((row) => [row.id, completeChannel(row)])), loaded: true })
}

/** Forgets everything: another workspace is about to be loaded, or the person signed out. */
export function clearChannels() {
  channels.set({ byId: {}, loaded: false })
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

/** A head never goes back: events may arrive late. */
export function applyHead(id: string, head: Partial<ChannelHead>) {
  patch(id, ({ head: known }) => ({
    head: {
      last_seq: Math.max(known.last_seq, head.last_seq ?? 0),
      last_rev: Math.max(known.last_rev, head.last_rev ?? 0),
      min_rev: Math.max(known.min_rev, head.min_rev ?? 0),
      last_message_at: head.last_message_at ?? known.last_message_at,
    },
  }))
}

export function applyRead(id: string, read: ChannelRead, mentionCount?: number) {
  patch(id, (channel) => ({ read, mention_count: mentionCount ?? channel.mention_count }))
}

export function setMentionCount(id: string, count: number | ((known: number) => number)) {
  patch(id, (channel) => ({
    mention_count: Math.max(0, typeof count === 'function' ? count(channel.mention_count) : count),
  }))
}

export const useChannel = (id: string | null | undefined) =>
  useStore(channels, (state) => (id ? (state.byId[id] ?? null) : null))

export const useChannels = () => useStore(channels, (state) => state.byId)

export const useChannelsLoaded = () => useStore(channels, (state) => state.loaded)
