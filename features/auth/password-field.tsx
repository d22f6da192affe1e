'use client'

import { clsx } from 'clsx'
import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'
import { Button } from '@/ui/button'
import { TextField } from '@/ui/text-field'
import { passwordStrength } from './schema'

type Props = {
  name: string
  value: string
  error?: string
  onChange(value: string): void
  /** A new password shows how strong it is. */
  isNew?: boolean
  label?: string
  trailing?: ReactNode
  autoFocus?: boolean
}

const tones = ['bg-danger', 'bg-danger', 'bg-warning-ink', 'bg-accent']

function Strength({ password }: { password: string }) {
  const t = useTranslations('auth')
  const strength = passwordStrength(password)
  return (
    <span className="flex items-center gap-2">
      <span className="flex gap-1" aria-hidden>
        {[1, 2, 3].map((step) => (
          <span
            key={step}
            className={clsx(
              'h-1 w-6 rounded-full',
              step <= Math.max(strength, 1) ? tones[strength] : 'bg-hover',
            )}
          />
        ))}
      </span>
      {t(`strength${strength}`)}
    </span>
  )
}

export function PasswordField({ isNew, label, ...field }: Props) {
  const t = useTranslations('auth')
  const [shown, setShown] = useState(false)
  const help = !isNew ? null : field.value ? <Strength password={field.value} /> : t('passwordHelp')
  return (
    <TextField
      {...field}
      label={label ?? t('password')}
      type={shown ? 'text' : 'password'}
      autoComplete={isNew ? 'new-password' : 'current-password'}
      autoCapitalize="none"
      spellCheck={false}
      help={help}
      suffix={
        <Button size="sm" variant="quiet" aria-pressed={shown} onClick={() => setShown(!shown)}>
          {shown ? t('hidePassword') : t('showPassword')}
        </Button>
      }
    />
  )
}
