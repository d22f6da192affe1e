import type { RealtimeChannel } from '@supabase/supabase-js'
import type { AppClient } from '@/lib/supabase/client'
import { jittered } from './backoff'

type Options = {
  client: AppClient
  /** Builds the channel with its listeners: those must be there before it is subscribed. */
  build(): RealtimeChannel
  up?(channel: RealtimeChannel): void
  down?(): void
}

const RETRY_MS = [1_000, 2_000, 5_000, 10_000, 30_000]

/**
 * Keeps one topic subscribed until stopped. realtime-js joins again by itself after errors, but not when the server
 * closed the channel (an expired token, a drain, a lost right): then it is built anew, ever more slowly.
 */
export function keepSubscribed({ client, build, up, down }: Options) {
  let channel: RealtimeChannel | null = null
  let stopped = false
  let attempts = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  async function start() {
    try {
      // A private topic joined before the user's token is known would be refused.
      await client.realtime.setAuth()
    } catch {
      // The code of realtime is not to be had now.
      return later()
    }
    // A socket that is just being closed takes no new topic, and is not opened again for it.
    while (client.realtime.isDisconnecting()) await new Promise((resolve) => setTimeout(resolve, 50))
    if (stopped) return
    const current = build()
    channel = current
    current.subscribe((status) => {
      if (stopped || channel !== current) return
      if (status === 'SUBSCRIBED') {
        attempts = 0
        return up?.(current)
      }
      down?.()
      if (status === 'CLOSED') restart(current)
    })
  }

  function restart(old: RealtimeChannel) {
    channel = null
    void client.removeChannel(old)
    later()
  }

  function later() {
    if (stopped) return
    clearTimeout(timer)
    timer = setTimeout(start, jittered(RETRY_MS[Math.min(attempts++, RETRY_MS.length - 1)] ?? 30_000))
  }

  void start()
  return {
    channel: () => channel,
    stop() {
      stopped = true
      clearTimeout(timer)
      if (channel) void client.removeChannel(channel)
      channel = null
    },
  }
}
