'use client'

import { type ReactNode, useEffect, useRef } from 'react'
import { useTranslations } from 'use-intl'
import { checkRequirements, useRequirements } from '@/features/auth/requirements'
import { useErrorText } from '@/lib/error-text'
import { Button, buttonClass } from '@/ui/button'
import { FullPage } from '@/ui/full-page'
import { SyncProvider, useChat, useSyncStatus } from '../[slug]/_sync/sync-provider'
import { FrameSkeleton } from './frame-skeleton'

/** Opens the workspace and keeps it in step; draws it once there is something to draw. */
export function WorkspaceData({ slug, children }: { slug: string; children: ReactNode }) {
  return (
    <SyncProvider slug={slug}>
      <Gate>{children}</Gate>
    </SyncProvider>
  )
}

function Gate({ children }: { children: ReactNode }) {
  const t = useTranslations('app')
  const errorText = useErrorText()
  const session = useChat()
  const { phase, error, live } = useSyncStatus()
  const requirements = useRequirements()
  const wasLive = useRef(false)
  const refused = error?.code
  // A socket that closes or a refusal may mean that this sign-in is over, or no longer enough.
  useEffect(() => {
    if (refused || (wasLive.current && !live)) void checkRequirements()
    wasLive.current = live
  }, [live, refused])
  if (phase === 'ready') return children
  // What a weak sign-in does not get is not missing: the guard above says what is needed.
  const doubtful = !requirements && (phase === 'missing' || refused === 'session_not_enough')
  if (phase === 'loading' || doubtful) return <FrameSkeleton />
  if (phase === 'missing') {
    return (
      <FullPage
        title={t('noWorkspace')}
        text={t('noWorkspaceText')}
        action={
          <a href="/" className={buttonClass({ variant: 'primary' })}>
            {t('toHome')}
          </a>
        }
      />
    )
  }
  return (
    <FullPage
      title={t('unreachable')}
      text={errorText(error)}
      action={
        <Button variant="primary" onClick={() => session?.engine.refresh()}>
          {t('retry')}
        </Button>
      }
    />
  )
}
