'use client'

import { useRouter } from 'next/navigation'
import { type ReactNode, Suspense, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useRequirements } from '@/features/auth/requirements'
import { retrySession, useSession, watchSession } from '@/features/auth/session'
import { useErrorText } from '@/lib/error-text'
import { lazyPart } from '@/lib/lazy-part'
import { forgetRead } from '@/lib/local-data'
import { Button } from '@/ui/button'
import { FullPage } from '@/ui/full-page'
import { isLeaving } from './sign-out'

const RequirementScreen = lazyPart(() => import('./requirement-screen'))

type Props = { children: ReactNode; waiting?: ReactNode }

/**
 * Lets signed-in people through whose sign-in is enough; others sign in first, or show what is missing, and come back to
 * this address. What is behind it starts without waiting for the answer: the database opens nothing to a weak sign-in.
 */
export function SessionGuard({ children, waiting = null }: Props) {
  const t = useTranslations('app')
  const errorText = useErrorText()
  const session = useSession()
  const requirements = useRequirements()
  const router = useRouter()
  const wasIn = useRef(false)
  // A set-up makes the sign-in strong before its recovery codes were seen: it stays until they were.
  const [held, hold] = useState(false)

  // Before the first paint: for whom this browser knows there is something better to draw than a place to wait in.
  useLayoutEffect(watchSession, [])
  useEffect(() => {
    if (session.status === 'in') wasIn.current = true
    if (session.status !== 'out' || isLeaving()) return
    // Read here: between the screens of a workspace Next.js is not told where the person is.
    const here = window.location.pathname + window.location.search
    const signIn = here === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(here)}`
    void forgetRead().then(() => {
      // Signed out while something was shown: the page is loaded anew, so that nothing of it stays in memory.
      if (wasIn.current) window.location.assign(signIn)
      else router.replace(signIn)
    })
  }, [session.status, router])

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
  if (session.status !== 'in') return waiting
  if (requirements && (held || !requirements.ok)) {
    return (
      <Suspense fallback={waiting}>
        <RequirementScreen requirements={requirements} email={session.email} held={held} onHold={hold} />
      </Suspense>
    )
  }
  return session.weak && !requirements ? waiting : children
}
