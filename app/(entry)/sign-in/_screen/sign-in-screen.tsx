'use client'

import Link from 'next/link'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { SignInForm } from '@/features/auth/sign-in-form'
import { linkClass } from '@/ui/link'
import { EntryHeading } from '../../_parts/entry-heading'
import { ForgottenLink } from '../../_parts/forgotten-link'
import { useEntry } from '../../_parts/use-entry'

export function SignInScreen({ next }: { next?: string }) {
  const t = useTranslations('entry')
  const { query, target } = useEntry(next)
  const [mailed, setMailed] = useState(false)
  return (
    <>
      <EntryHeading title={mailed ? t('checkMailTitle') : t('signInTitle')} />
      <SignInForm
        next={target}
        onDone={() => {}}
        onMailed={setMailed}
        forgotten={(email) => <ForgottenLink email={email} next={next} />}
      />
      <p className="mt-6 text-base text-quiet">
        {t('noAccount')}{' '}
        <Link href={`/sign-up${query}`} className={linkClass}>
          {t('toSignUp')}
        </Link>
      </p>
    </>
  )
}
