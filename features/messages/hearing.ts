import type { Message } from './schema'

/**
 * Remembers the rows heard of while a page of their channel is on its way: the page's snapshot may be older than
 * they are, so they are put on top of it when it arrives.
 */
export class Hearing {
  private readonly listeners = new Map<string, Set<Message[]>>()

  async during(channelId: string, work: (heard: readonly Message[]) => Promise<void>): Promise<void> {
    const heard: Message[] = []
    const listeners = this.listeners.get(channelId) ?? new Set()
    this.listeners.set(channelId, listeners.add(heard))
    try {
      await work(heard)
    } finally {
      listeners.delete(heard)
      if (!listeners.size) this.listeners.delete(channelId)
    }
  }

  hear(channelId: string, rows: readonly Message[]): void {
    for (const heard of this.listeners.get(channelId) ?? []) heard.push(...rows)
  }
}

export function groupByChannel(rows: readonly Message[]): Map<string, Message[]> {
  const groups = new Map<string, Message[]>()
  for (const row of rows) {
    const group = groups.get(row.channel_id)
    if (group) group.push(row)
    else groups.set(row.channel_id, [row])
  }
  return groups
}
