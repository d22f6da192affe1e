'use client'

import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { SignUpForm } from '@/features/auth/sign-up-form'
import { linkClass } from '@/ui/link'
import { EntryHeading } from '../../_parts/entry-heading'
import { useEntry } from '../../_parts/use-entry'

export function SignUpScreen({ next }: { next?: string }) {
  const t = useTranslations('entry')
  const { query, target } = useEntry(next)
  return (
    <>
      <EntryHeading title={t('signUpTitle')}>{t('signUpText')}</EntryHeading>
      <SignUpForm next={target} onDone={() => {}} />
      <p className="mt-6 text-base text-quiet">
        {t('haveAccount')}{' '}
        <Link href={`/sign-in${query}`} className={linkClass}>
          {t('toSignIn')}
        </Link>
      </p>
    </>
  )
}
