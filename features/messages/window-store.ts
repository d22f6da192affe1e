import { createStore, type Store } from '@/lib/store'
import { type ChannelWindow, trimWindow } from './window'

export type Windows = Readonly<Record<string, ChannelWindow>>
type Change = (window: ChannelWindow) => ChannelWindow

/** Events may overtake a picture of the server by so much; a cursor that stood still for longer was not overtaken by it. */
const OVERTAKEN_MS = 30_000

/** The windows of all channels, and since when the cursor of each stands where it does. */
export class WindowStore {
  readonly store: Store<Windows> = createStore<Windows>({})
  /** When the cursor of a window moved last, in epoch milliseconds. */
  private readonly movedAt = new Map<string, number>()
  private closed = false

  get(channelId: string): ChannelWindow | undefined {
    return this.store.get()[channelId]
  }

  put(channelId: string, window: ChannelWindow): void {
    this.putAll({ [channelId]: window })
  }

  /** Several windows in one change, so that whoever watches looks once. */
  putAll(windows: Windows): void {
    if (this.closed) return
    for (const [channelId, window] of Object.entries(windows)) {
      if (window.cursor !== this.get(channelId)?.cursor) this.movedAt.set(channelId, Date.now())
    }
    this.store.set((all) => ({ ...all, ...windows }))
  }

  /** Nothing happens to a channel that has no window. */
  change(channelId: string, change: Change): void {
    const window = this.get(channelId)
    if (window) this.put(channelId, change(window))
  }

  /** Lets go of all but the newest rows; false for a window that has none of them. One that is still loading stays. */
  trim(channelId: string, keep: number): boolean {
    const window = this.get(channelId)
    if (!window?.loaded) return true
    const kept = trimWindow(window, keep)
    if (kept) this.put(channelId, kept)
    return kept !== null
  }

  isSettled(channelId: string): boolean {
    return Date.now() - (this.movedAt.get(channelId) ?? 0) > OVERTAKEN_MS
  }

  drop(channelId: string): void {
    this.movedAt.delete(channelId)
    const { [channelId]: _, ...rest } = this.store.get()
    this.store.set(rest)
  }

  close(): void {
    this.closed = true
    this.store.set({})
  }
}
