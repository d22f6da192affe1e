'use client'

import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useEffect } from 'react'
import { useTranslations } from 'use-intl'
import { ResendForm } from '@/features/auth/resend-form'
import { useErrorText } from '@/lib/error-text'
import { toAppError } from '@/lib/errors'
import { safePath } from '@/lib/safe-path'
import { Button, buttonClass } from '@/ui/button'
import { Late } from '@/ui/late'
import { Skeleton } from '@/ui/skeleton'
import { EntryHeading } from '../../_parts/entry-heading'
import { useArrival } from '../../_parts/use-arrival'

type Props = { next?: string; about?: string }

/** Where the links of mails lead: to confirm an address, to sign in, to change the address. */
export function ConfirmScreen({ next, about }: Props) {
  const t = useTranslations('entry')
  const errorText = useErrorText()
  const router = useRouter()
  const { outcome, session, retry } = useArrival()
  const target = safePath(next, '/')
  const arrived =
    (outcome.state === 'done' && session.status === 'in') ||
    // Opened once more, or by somebody who is signed in already.
    (outcome.state === 'nothing' && session.status !== 'loading')
  useEffect(() => {
    if (arrived) router.replace(target)
  }, [arrived, router, target])

  if (outcome.state === 'more') {
    return (
      <>
        <EntryHeading title={t('halfConfirmedTitle')}>{t('halfConfirmedText')}</EntryHeading>
        <Link href={target} className={buttonClass({ variant: 'primary' })}>
          {t('goOn')}
        </Link>
      </>
    )
  }
  if (outcome.state === 'problem') {
    if (outcome.retryable) {
      return (
        <>
          <EntryHeading title={t('linkFailedTitle')}>{errorText(outcome.error)}</EntryHeading>
          <Button variant="primary" onClick={retry}>
            {t('tryAgain')}
          </Button>
        </>
      )
    }
    const { code } = toAppError(outcome.error)
    const expired = code === 'otp_expired' || code === 'flow_state_expired'
    const kind = about === 'magiclink' || about === 'email_change' ? about : 'signup'
    return (
      <>
        <EntryHeading title={expired ? t('linkExpiredTitle') : t('linkFailedTitle')}>
          {expired ? t(`expiredText_${kind}`) : errorText(outcome.error)}
        </EntryHeading>
        {kind !== 'email_change' && session.status !== 'in' && <ResendForm about={kind} next={target} />}
        <p className="mt-4">
          {session.status === 'in' ? (
            <Link href={target} className={buttonClass({ variant: 'primary' })}>
              {t('goOn')}
            </Link>
          ) : (
            <Link href={`/sign-in?next=${encodeURIComponent(target)}`} className={buttonClass()}>
              {t('backToSignIn')}
            </Link>
          )}
        </p>
      </>
    )
  }
  return (
    <Late label={t('loading')} className="grid gap-3">
      <Skeleton className="h-9 w-64" />
      <Skeleton className="h-5 w-full" />
    </Late>
  )
}
