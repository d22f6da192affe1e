'use client'

import { CloudOff, RefreshCw } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { useChat } from '../[slug]/_sync/sync-provider'
import { useTrouble } from '../[slug]/_sync/use-trouble'

/** Says what is wrong with the connection and what still works. It floats, so that nothing moves when it comes and goes. */
export function ConnectionBanner() {
  const t = useTranslations('app')
  const session = useChat()
  const trouble = useTrouble()
  const retry = () => {
    session?.topics.probe()
    session?.engine.online()
  }
  return (
    <div
      role="status"
      className="pointer-events-none fixed inset-x-0 top-15 z-30 flex justify-center px-3 md:ps-[calc(var(--sidebar-width)+0.75rem)]"
    >
      {trouble && (
        <div className="pointer-events-auto flex min-w-0 animate-appear items-center gap-2.5 rounded-card border border-warning-line bg-warning-fill py-1.5 ps-3 pe-1.5 text-sm text-warning-ink shadow-float">
          <CloudOff size={15} aria-hidden className="shrink-0" />
          <span className="min-w-0 text-pretty">{t(`trouble_${trouble}`)}</span>
          <button
            type="button"
            onClick={retry}
            className="touch-target flex shrink-0 items-center gap-1 rounded-control px-1.5 py-0.5 font-medium hover:bg-hover"
          >
            <RefreshCw size={13} aria-hidden />
            {t('retryNow')}
          </button>
        </div>
      )}
    </div>
  )
}
