'use client'

import { Fingerprint, KeyRound, Mail } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { Button } from '@/ui/button'
import { providerName } from './provider-names'
import type { SignInOptions } from './sign-in-options'

type Props = {
  options: SignInOptions
  /** Which of them is under way: "passkey", "code" or a provider's name. */
  busy: string | null
  onPasskey(): void
  onCode(): void
  onProvider(name: string): void
}

/** The other ways to sign in, below the one with a password. */
export function SignInWays({ options, busy, onPasskey, onCode, onProvider }: Props) {
  const t = useTranslations('auth')
  const { mail, passkeys, providers } = options
  if (!mail && !passkeys && providers.length === 0) return null
  return (
    <div className="grid gap-2">
      <p className="my-2 flex items-center gap-3 text-quiet text-sm">
        <span className="h-px flex-1 bg-line" />
        {t('or')}
        <span className="h-px flex-1 bg-line" />
      </p>
      {passkeys && (
        <Button wide busy={busy === 'passkey'} onClick={onPasskey} className="h-10">
          <Fingerprint size={16} aria-hidden />
          {t('withPasskey')}
        </Button>
      )}
      {mail && (
        <Button wide busy={busy === 'code'} onClick={onCode} className="h-10">
          <Mail size={16} aria-hidden />
          {t('withCode')}
        </Button>
      )}
      {providers.map((name) => (
        <Button
          key={name}
          wide
          busy={busy === name}
          onClick={() => onProvider(name)}
          className="h-10 min-w-0 shrink"
        >
          <KeyRound size={16} aria-hidden className="shrink-0" />
          <span className="min-w-0 truncate">{t('continueWith', { name: providerName(name) })}</span>
        </Button>
      ))}
    </div>
  )
}
