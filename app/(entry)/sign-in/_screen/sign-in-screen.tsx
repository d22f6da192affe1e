'use client'

import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { SignInForm } from '@/features/auth/sign-in-form'
import { linkClass } from '@/ui/link'
import { EntryHeading } from '../../_parts/entry-heading'
import { useEntry } from '../../_parts/use-entry'

export function SignInScreen({ next }: { next?: string }) {
  const t = useTranslations('entry')
  const { query } = useEntry(next)
  return (
    <>
      <EntryHeading title={t('signInTitle')} />
      <SignInForm onDone={() => {}} />
      <p className="mt-6 text-base text-quiet">
        {t('noAccount')}{' '}
        <Link href={`/sign-up${query}`} className={linkClass}>
          {t('toSignUp')}
        </Link>
      </p>
    </>
  )
}
