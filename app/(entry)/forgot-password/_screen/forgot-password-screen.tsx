'use client'

import Link from 'next/link'
import { useEffect, useState } from 'react'
import { useTranslations } from 'use-intl'
import { ForgotPasswordForm } from '@/features/auth/forgot-password-form'
import { useSignInOptions } from '@/features/auth/sign-in-options'
import { buttonClass } from '@/ui/button'
import { Late } from '@/ui/late'
import { Skeleton } from '@/ui/skeleton'
import { EntryHeading } from '../../_parts/entry-heading'
import { useEntry } from '../../_parts/use-entry'

/** What was typed on the sign-in page comes along in the fragment. */
function typedAddress() {
  try {
    return decodeURIComponent(window.location.hash.slice(1))
  } catch {
    return ''
  }
}

export function ForgotPasswordScreen({ next }: { next?: string }) {
  const t = useTranslations('entry')
  const { query } = useEntry(next)
  const options = useSignInOptions()
  const [sent, setSent] = useState(false)
  const [email, setEmail] = useState<string | null>(null)
  useEffect(() => setEmail(typedAddress()), [])
  const back = (
    <Link href={`/sign-in${query}`} className={buttonClass({ variant: 'quiet' })}>
      {t('backToSignIn')}
    </Link>
  )
  if (!options || email === null) {
    return (
      <Late label={t('loading')} className="grid gap-3">
        <Skeleton className="h-9 w-64" />
        <Skeleton className="h-5 w-full" />
        <Skeleton className="mt-4 h-10 w-full" />
      </Late>
    )
  }
  if (!options.mail) {
    return (
      <>
        <EntryHeading title={t('askAdminTitle')}>{t('askAdminText')}</EntryHeading>
        <div className="-ms-3.5">{back}</div>
      </>
    )
  }
  return (
    <>
      <EntryHeading title={sent ? t('checkMailTitle') : t('forgotTitle')}>
        {!sent && t('forgotText')}
      </EntryHeading>
      <ForgotPasswordForm email={email} onSent={() => setSent(true)} action={back} />
    </>
  )
}
