'use client'

import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useEffect } from 'react'
import { useTranslations } from 'use-intl'
import { NewPasswordForm } from '@/features/auth/new-password-form'
import { useSession } from '@/features/auth/session'
import { useSignInOptions } from '@/features/auth/sign-in-options'
import { useErrorText } from '@/lib/error-text'
import { Button, buttonClass } from '@/ui/button'
import { Late } from '@/ui/late'
import { Skeleton } from '@/ui/skeleton'
import { showToast } from '@/ui/toast'
import { EntryHeading } from '../../_parts/entry-heading'
import { useArrival } from '../../_parts/use-arrival'

/** Where a link to set a new password leads, whether it came by mail or from an administrator. */
export function ResetPasswordScreen() {
  const t = useTranslations('entry')
  const errorText = useErrorText()
  const router = useRouter()
  const session = useSession()
  const options = useSignInOptions()
  const { outcome, retry } = useArrival()
  // Without a link this page has nothing to set: it is asked for first.
  const empty = outcome.state === 'nothing'
  useEffect(() => {
    if (empty) router.replace('/forgot-password')
  }, [empty, router])

  if (outcome.state === 'problem' && outcome.retryable) {
    return (
      <>
        <EntryHeading title={t('linkFailedTitle')}>{errorText(outcome.error)}</EntryHeading>
        <Button variant="primary" className="justify-self-start" onClick={retry}>
          {t('tryAgain')}
        </Button>
      </>
    )
  }
  if (outcome.state === 'problem') {
    return (
      <>
        <EntryHeading title={t('linkExpiredTitle')}>
          {options?.mail === false ? t('resetExpiredAskText') : t('resetExpiredText')}
        </EntryHeading>
        <div className="flex flex-wrap gap-2">
          {options?.mail && (
            <Link href="/forgot-password" className={buttonClass({ variant: 'primary' })}>
              {t('newLink')}
            </Link>
          )}
          <Link href="/sign-in" className={buttonClass()}>
            {t('backToSignIn')}
          </Link>
        </div>
      </>
    )
  }
  if (outcome.state !== 'done' || session.status !== 'in') {
    return (
      <Late label={t('loading')} className="grid gap-3">
        <Skeleton className="h-9 w-64" />
        <Skeleton className="h-5 w-full" />
        <Skeleton className="mt-4 h-10 w-full" />
      </Late>
    )
  }
  return (
    <>
      <EntryHeading title={t('newPasswordTitle')}>
        {t('newPasswordText', { email: session.email ?? '' })}
      </EntryHeading>
      <NewPasswordForm
        email={session.email ?? ''}
        onDone={() => {
          showToast(t('passwordSet'))
          router.replace('/')
        }}
      />
    </>
  )
}
