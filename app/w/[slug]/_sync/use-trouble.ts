import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { isRetryable } from '@/lib/errors'
import type { SyncStatus } from './ports'
import { useSyncStatus } from './sync-provider'

/** Short interruptions are nobody's concern. */
const CALM_MS = 3_000
/** A slow line at the start is not an interruption: what is on the screen says that it is on its way for longer. */
const START_MS = 8_000

export type Trouble = 'ended' | 'offline' | 'silent' | 'busy' | 'connecting' | 'reconnecting'

/** An answer, and no sign of a server that is away: it has too much to do, or failed by itself. */
const BUSY = new Set([429, 500])

/** What keeps the screen from being in step with the server, which it `was` before or not; null when nothing does. */
export function troubleOf(
  { phase, inSync, error }: SyncStatus,
  online: boolean,
  was: boolean,
): Trouble | null {
  if (phase !== 'ready') return null
  if (error?.status === 401) return 'ended'
  if (!online) return 'offline'
  if (error && isRetryable(error)) return BUSY.has(error.status) ? 'busy' : 'silent'
  if (inSync) return null
  return was ? 'reconnecting' : 'connecting'
}

function watchNetwork(changed: () => void) {
  window.addEventListener('online', changed)
  window.addEventListener('offline', changed)
  return () => {
    window.removeEventListener('online', changed)
    window.removeEventListener('offline', changed)
  }
}

/** What a person should know of the connection: nothing at first, and nothing as soon as all is here again. */
export function useTrouble(): Trouble | null {
  const status = useSyncStatus()
  const online = useSyncExternalStore(
    watchNetwork,
    () => navigator.onLine,
    () => true,
  )
  const wasInSync = useRef(false)
  useEffect(() => {
    // Another workspace begins anew.
    if (status.phase === 'loading') wasInSync.current = false
    else if (status.inSync) wasInSync.current = true
  }, [status])
  return useLasting(troubleOf(status, online, wasInSync.current))
}

/** Trouble once it has lasted for a while. */
export function useLasting(trouble: Trouble | null): Trouble | null {
  const wait = trouble && (trouble === 'connecting' ? START_MS : CALM_MS)
  const [lasting, setLasting] = useState(false)
  useEffect(() => {
    if (wait === null) return
    const timer = setTimeout(setLasting, wait, true)
    return () => {
      clearTimeout(timer)
      setLasting(false)
    }
  }, [wait])
  return lasting ? trouble : null
}
