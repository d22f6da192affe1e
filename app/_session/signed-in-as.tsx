'use client'

import { useTranslations } from 'use-intl'
import { useSession } from '@/features/auth/session'
import { linkClass } from '@/ui/link'
import { signOutHere } from './sign-out'

/** Who is signed in here, and the way out. */
export function SignedInAs() {
  const t = useTranslations('entry')
  const session = useSession()
  if (session.status !== 'in') return null
  return (
    <p className="mt-6 break-words text-base text-quiet">
      {t('signedInAs', { email: session.email ?? '' })}{' '}
      <button type="button" className={linkClass} onClick={signOutHere}>
        {t('useAnother')}
      </button>
    </p>
  )
}
