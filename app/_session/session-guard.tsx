'use client'

import { usePathname, useRouter } from 'next/navigation'
import { type ReactNode, useEffect } from 'react'
import { useTranslations } from 'use-intl'
import { retrySession, useSession, watchSession } from '@/features/auth/session'
import { useErrorText } from '@/lib/error-text'
import { Button } from '@/ui/button'
import { FullPage } from '@/ui/full-page'

type Props = { children: ReactNode; waiting?: ReactNode }

/** Lets signed-in people through; others sign in first and come back to this address. */
export function SessionGuard({ children, waiting = null }: Props) {
  const t = useTranslations('app')
  const errorText = useErrorText()
  const session = useSession()
  const router = useRouter()
  const path = usePathname()

  useEffect(watchSession, [])
  useEffect(() => {
    if (session.status !== 'out') return
    const here = path + window.location.search
    router.replace(here === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(here)}`)
  }, [session.status, router, path])

  if (session.status === 'failed') {
    return (
      <FullPage
        title={t('unreachable')}
        text={errorText(session.error)}
        action={
          <Button variant="primary" onClick={retrySession}>
            {t('retry')}
          </Button>
        }
      />
    )
  }
  return session.status === 'in' ? children : waiting
}
