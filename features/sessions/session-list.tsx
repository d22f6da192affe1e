'use client'

import { Laptop, Smartphone } from 'lucide-react'
import { useState } from 'react'
import { useFormatter, useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import { getSupabase } from '@/lib/supabase/client'
import { usePages } from '@/lib/use-pages'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { ErrorNotice } from '@/ui/error-notice'
import { Late } from '@/ui/late'
import { Skeleton } from '@/ui/skeleton'
import { showToast } from '@/ui/toast'
import { endOtherSessions, endSession, listSessions, type SignIn } from './queries'
import { readUserAgent } from './user-agent'

/** Nobody is signed in at more places. */
const MOST = 1000

function Row({ signIn, onEnd }: { signIn: SignIn; onEnd(): void }) {
  const t = useTranslations('sessions')
  const format = useFormatter()
  const { browser, system, mobile } = readUserAgent(signIn.user_agent)
  const Icon = mobile ? Smartphone : Laptop
  const name =
    browser && system ? t('device', { browser, system }) : (browser ?? system ?? t('unknownDevice'))
  const day = (iso: string) => format.dateTime(new Date(iso), { dateStyle: 'medium' })
  const used = format.dateTime(new Date(signIn.last_used_at), { dateStyle: 'medium', timeStyle: 'short' })
  return (
    <li className="flex items-center gap-3 border-b py-3 last:border-0">
      <span
        className="grid size-9 shrink-0 place-items-center rounded-control bg-fill text-quiet"
        aria-hidden
      >
        <Icon size={17} />
      </span>
      <div className="grid min-w-0 flex-1">
        <p className="flex min-w-0 flex-wrap items-center gap-x-2">
          <span className="min-w-0 truncate font-medium">{name}</span>
          {signIn.is_current && <Badge tone="accent">{t('thisDevice')}</Badge>}
        </p>
        <p className="break-words text-quiet text-sm" title={signIn.user_agent ?? undefined}>
          {signIn.is_current ? t('activeNow') : t('lastUsed', { time: used })}
          {signIn.ip && ` · ${t('address', { ip: signIn.ip })}`}
          {` · ${t('since', { date: day(signIn.created_at) })}`}
        </p>
      </div>
      {!signIn.is_current && (
        <Button size="sm" onClick={onEnd} aria-label={t('endNamed', { device: name })}>
          {t('end')}
        </Button>
      )}
    </li>
  )
}

/** Where I am signed in, with a way to end it: a lost phone, a computer of somebody else. */
export function SessionList() {
  const t = useTranslations('sessions')
  const ui = useTranslations('ui')
  const errorText = useErrorText()
  const [endingAll, setEndingAll] = useState(false)
  const { items, phase, error, retry, update } = usePages(
    'sessions',
    async () => listSessions(await getSupabase()),
    MOST,
  )
  const end = async ({ id }: SignIn) => {
    try {
      await endSession(await getSupabase(), id)
      update((list) => list.filter((item) => item.id !== id))
      showToast(t('ended'))
    } catch (reason) {
      showToast(errorText(reason))
    }
  }
  const endOthers = async () => {
    await endOtherSessions(await getSupabase())
    update((list) => list.filter((item) => item.is_current))
    showToast(t('othersEnded'))
  }
  if (phase === 'failed') {
    return (
      <ErrorNotice
        action={
          <Button size="sm" variant="quiet" onClick={retry}>
            {ui('retry')}
          </Button>
        }
      >
        {errorText(error)}
      </ErrorNotice>
    )
  }
  if (phase === 'loading' && items.length === 0) {
    return (
      <Late label={ui('loading')} className="grid gap-4">
        <Skeleton className="h-10 w-full" />
        <Skeleton className="h-10 w-full" />
      </Late>
    )
  }
  const sorted = [...items].sort((a, b) => Number(b.is_current) - Number(a.is_current))
  return (
    <div className="grid gap-3">
      <ul aria-label={t('title')} className="-mt-3">
        {sorted.map((signIn) => (
          <Row key={signIn.id} signIn={signIn} onEnd={() => end(signIn)} />
        ))}
      </ul>
      {items.length > 1 && (
        <Button className="justify-self-start" onClick={() => setEndingAll(true)}>
          {t('endOthers')}
        </Button>
      )}
      {endingAll && (
        <ConfirmDialog
          title={t('endOthersTitle')}
          confirm={t('endOthers')}
          danger
          onConfirm={endOthers}
          errorText={errorText}
          onClose={() => setEndingAll(false)}
        >
          {t('endOthersText')}
        </ConfirmDialog>
      )}
    </div>
  )
}
