import type { KeptWindow } from './kept-window'
import type { TimelineReads } from './queries'
import type { ChannelHead, PageChannel, PagePerson } from './schema'

/** What the windows of channels need from outside. */
export type TimelinePorts = {
  reads: TimelineReads
  /** What a page says about people and its channel belongs to other stores. */
  people(people: PagePerson[]): void
  channel(channel: PageChannel): void
  /** What an earlier visit kept of the channel. */
  kept(channelId: string): Promise<KeptWindow | undefined>
  /** The channel's head as far as it is known. */
  head(channelId: string): ChannelHead | undefined
}
