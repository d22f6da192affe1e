'use client'

import type { ComponentProps } from 'react'
import { useTranslations } from 'use-intl'
import { TextField } from '@/ui/text-field'

type Props = Partial<ComponentProps<typeof TextField>>

/** The address of an account, as password managers look for it. */
export function EmailField(props: Props) {
  const t = useTranslations('auth')
  return (
    <TextField
      label={t('email')}
      type="email"
      inputMode="email"
      autoComplete="username"
      autoCapitalize="none"
      spellCheck={false}
      {...props}
    />
  )
}
