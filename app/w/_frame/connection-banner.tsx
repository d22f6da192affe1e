'use client'

import { clsx } from 'clsx'
import { CloudOff, RefreshCw } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { signOut } from '@/features/auth/mutations'
import { getSupabase } from '@/lib/supabase/client'
import { useChat } from '../[slug]/_sync/sync-provider'
import { useTrouble } from '../[slug]/_sync/use-trouble'
import { useLocation, usePane } from './location'

/**
 * Says what is wrong with the connection and what still works. It floats, so that nothing moves when it comes and goes:
 * over the oldest messages on the screen, and at the foot of screens that begin with a field or tabs.
 */
export function ConnectionBanner() {
  const t = useTranslations('app')
  const session = useChat()
  const trouble = useTrouble()
  const { view } = useLocation()
  const pane = usePane()
  const retry = () => {
    session?.topics.probe()
    session?.engine.online()
  }
  const ended = trouble === 'ended'
  const above = view.name === 'conversation'
  return (
    <div
      role="status"
      className={clsx(
        'pointer-events-none fixed inset-x-0 z-30 flex justify-center px-3 md:ps-[calc(var(--sidebar-width)+0.75rem)]',
        above ? 'top-15' : 'bottom-20 md:bottom-6',
        // Beside the pane, which is as wide as `SidePane` makes it.
        pane && 'lg:pe-103',
      )}
    >
      {trouble && (
        <div
          data-over-top={above || undefined}
          className="pointer-events-auto flex min-w-0 animate-appear items-center gap-2.5 rounded-card border border-warning-line bg-warning-fill py-1.5 ps-3 pe-1.5 text-sm text-warning-ink shadow-float"
        >
          <CloudOff size={15} aria-hidden className="shrink-0" />
          <span className="min-w-0 text-pretty">{t(`trouble_${trouble}`)}</span>
          <button
            type="button"
            // Signed out here, the guard above leads to the sign-in page and back to this address.
            onClick={ended ? () => getSupabase().then(signOut) : retry}
            className="touch-target flex shrink-0 items-center gap-1 rounded-control px-1.5 py-0.5 font-medium hover:bg-hover"
          >
            {!ended && <RefreshCw size={13} aria-hidden />}
            {t(ended ? 'signInAgain' : 'retryNow')}
          </button>
        </div>
      )}
    </div>
  )
}
