import type { ChannelRead } from '@/features/channels/schema'
import type { Message } from '@/features/messages/schema'

/** What one tab of this browser tells the others of what it did, sooner than the server could. */
export type TabNews =
  /** The outbox changed; with the row when something was sent. */
  | { kind: 'outbox'; row: Message | null }
  | { kind: 'read'; channelId: string; read: ChannelRead; mentionCount: number | undefined }

export function openTabNews(me: string, hear: (news: TabNews) => void) {
  const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(`tabs:${me}`)
  channel?.addEventListener('message', ({ data }: MessageEvent<TabNews>) => hear(data))
  return {
    tell: (news: TabNews) => channel?.postMessage(news),
    close: () => channel?.close(),
  }
}
