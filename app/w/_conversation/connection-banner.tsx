'use client'

import { CloudOff, RefreshCw } from 'lucide-react'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { useTranslations } from 'use-intl'
import { useChat, useSyncStatus } from '../[slug]/_sync/sync-provider'

/** Short interruptions are nobody's concern. */
const CALM_MS = 4_000

function watchNetwork(changed: () => void) {
  window.addEventListener('online', changed)
  window.addEventListener('offline', changed)
  return () => {
    window.removeEventListener('online', changed)
    window.removeEventListener('offline', changed)
  }
}

/** Says when messages do not arrive by themselves, and what still works. */
export function ConnectionBanner() {
  const t = useTranslations('conversation')
  const session = useChat()
  const status = useSyncStatus()
  const online = useSyncExternalStore(
    watchNetwork,
    () => navigator.onLine,
    () => true,
  )
  const trouble = status.phase === 'ready' && (!online || !status.live)
  const [shown, setShown] = useState(false)
  useEffect(() => {
    if (!trouble) return setShown(false)
    const timer = setTimeout(() => setShown(true), CALM_MS)
    return () => clearTimeout(timer)
  }, [trouble])
  if (!trouble || !shown) return null
  const offline = !online || status.error?.status === 0
  return (
    <div
      role="status"
      className="flex shrink-0 items-center gap-2 border-warning-line border-b bg-warning-fill px-4 py-1.5 text-sm text-warning-ink"
    >
      <CloudOff size={15} aria-hidden className="shrink-0" />
      <span className="min-w-0 flex-1">{offline ? t('offline') : t('reconnecting')}</span>
      <button
        type="button"
        onClick={() => session?.engine.online()}
        className="touch-target flex shrink-0 items-center gap-1 font-medium underline-offset-2 hover:underline"
      >
        <RefreshCw size={13} aria-hidden />
        {t('retryNow')}
      </button>
    </div>
  )
}
