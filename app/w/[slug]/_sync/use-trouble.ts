'use client'

import { useEffect, useState, useSyncExternalStore } from 'react'
import { isRetryable } from '@/lib/errors'
import type { SyncStatus } from './ports'
import { useSyncStatus } from './sync-provider'

/** Short interruptions are nobody's concern. */
const CALM_MS = 3_000

export type Trouble = 'offline' | 'silent' | 'reconnecting'

/** What keeps the screen from being in step with the server; null when nothing does. */
export function troubleOf({ phase, inSync, error }: SyncStatus, online: boolean): Trouble | null {
  if (phase !== 'ready') return null
  if (!online) return 'offline'
  if (error && isRetryable(error)) return 'silent'
  return inSync ? null : 'reconnecting'
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
  const trouble = troubleOf(status, online)
  const troubled = trouble !== null
  const [lasting, setLasting] = useState(false)
  useEffect(() => {
    if (!troubled) return
    const timer = setTimeout(setLasting, CALM_MS, true)
    return () => {
      clearTimeout(timer)
      setLasting(false)
    }
  }, [troubled])
  return lasting ? trouble : null
}
