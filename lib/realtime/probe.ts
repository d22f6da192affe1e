import type { AppClient } from '@/lib/supabase/client'
import { jittered } from './backoff'

/** A socket that is alive answers a heartbeat sooner than this. */
const ANSWER_MS = 5_000

/**
 * Looks whether the socket still stands, after a sleep or a change of network: a half-open one would be noticed only
 * after two heartbeats, most of a minute. One that is not there is opened without waiting for its turn.
 */
export async function probe({ realtime }: AppClient): Promise<void> {
  if (realtime.getChannels().length === 0 || (await stands(realtime))) return
  // Also what is closed already: realtime-js takes a closed socket for one that is there until its own next attempt.
  await realtime.disconnect()
  realtime.connect()
}

async function stands(realtime: AppClient['realtime']): Promise<boolean> {
  if (realtime.isConnecting()) {
    await new Promise((resolve) => setTimeout(resolve, ANSWER_MS))
    return realtime.isConnected()
  }
  if (!realtime.isConnected()) return false
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ANSWER_MS, false)
    realtime.onHeartbeat((status) => {
      if (status !== 'ok') return
      clearTimeout(timer)
      resolve(true)
    })
    void realtime.sendHeartbeat()
  })
}

const LOOK_MS = 10_000

/** realtime-js opens no socket while its page is hidden; a chat that is hidden still has to hear. Returns how to stop. */
export function keepConnected({ realtime }: AppClient): () => void {
  const timer = setInterval(() => {
    const idle = !realtime.isConnected() && !realtime.isConnecting() && !realtime.isDisconnecting()
    if (document.visibilityState !== 'visible' && idle && realtime.getChannels().length > 0)
      realtime.connect()
  }, jittered(LOOK_MS))
  return () => clearInterval(timer)
}
