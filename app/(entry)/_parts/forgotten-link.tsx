'use client'

import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { linkClass } from '@/ui/link'

type Props = { email: string; next?: string }

/** The address goes along in the fragment, which no server sees. */
export function ForgottenLink({ email, next }: Props) {
  const t = useTranslations('entry')
  const query = next ? `?next=${encodeURIComponent(next)}` : ''
  const fragment = email ? `#${encodeURIComponent(email)}` : ''
  return (
    <Link href={`/forgot-password${query}${fragment}`} className={`${linkClass} text-sm`}>
      {t('forgotten')}
    </Link>
  )
}
