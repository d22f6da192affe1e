'use client'

import Link from 'next/link'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { SignUpForm } from '@/features/auth/sign-up-form'
import { linkClass } from '@/ui/link'
import { EntryHeading } from '../../_parts/entry-heading'
import { useEntry } from '../../_parts/use-entry'

export function SignUpScreen({ next }: { next?: string }) {
  const t = useTranslations('entry')
  const { query, target } = useEntry(next)
  const [mailed, setMailed] = useState(false)
  return (
    <>
      <EntryHeading title={mailed ? t('checkMailTitle') : t('signUpTitle')}>
        {!mailed && t('signUpText')}
      </EntryHeading>
      <SignUpForm next={target} onDone={() => {}} onMailed={setMailed} />
      <p className="mt-6 text-base text-quiet">
        {t('haveAccount')}{' '}
        <Link href={`/sign-in${query}`} className={linkClass}>
          {t('toSignIn')}
        </Link>
      </p>
    </>
  )
}
