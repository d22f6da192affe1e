'use client'

import { KeyRound } from 'lucide-react'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { ChangeEmailForm } from '@/features/auth/change-email-form'
import { ChangePasswordForm } from '@/features/auth/change-password-form'
import { useIdentities } from '@/features/auth/identities'
import { useSession } from '@/features/auth/session'
import { useSignInOptions } from '@/features/auth/sign-in-options'
import { TwoFactorSection } from '@/features/factors/two-factor-section'
import { PasskeyList } from '@/features/passkeys/passkey-list'
import { SessionList } from '@/features/sessions/session-list'
import { Button } from '@/ui/button'
import { showToast } from '@/ui/toast'
import { Block } from './block'

/** How I sign in, and where I am signed in. */
export default function AccountSection() {
  const t = useTranslations('account')
  const app = useTranslations('app')
  const session = useSession()
  const options = useSignInOptions()
  const identities = useIdentities()
  const [changing, setChanging] = useState<'email' | 'password' | null>(null)
  if (session.status !== 'in') return null
  const email = session.email ?? ''
  const done = (text: string) => {
    setChanging(null)
    showToast(text)
  }
  const elsewhere = identities?.filter(({ provider }) => provider !== 'email') ?? []
  // Whose company signs them in has neither a password nor an address to change here.
  const own =
    !identities || identities.length === 0 || identities.some(({ provider }) => provider === 'email')
  return (
    <>
      <Block title={t('email')} text={email}>
        {!own ? (
          <p className="text-quiet">{t('elsewhereText')}</p>
        ) : options?.mail === false ? (
          <p className="text-quiet">{t('noMailText')}</p>
        ) : changing === 'email' ? (
          <ChangeEmailForm
            email={email}
            onDone={() => done(t('emailChanged'))}
            onCancel={() => setChanging(null)}
          />
        ) : (
          <Button className="justify-self-start" onClick={() => setChanging('email')}>
            {t('changeEmail')}
          </Button>
        )}
      </Block>
      {own && (
        <Block title={t('password')} text={t('passwordText')}>
          {changing === 'password' ? (
            <ChangePasswordForm
              email={email}
              onDone={() => done(t('passwordChanged'))}
              onCancel={() => setChanging(null)}
            />
          ) : (
            <Button className="justify-self-start" onClick={() => setChanging('password')}>
              {t('changePassword')}
            </Button>
          )}
        </Block>
      )}
      <Block title={t('twoFactor')} text={t('twoFactorText')}>
        <TwoFactorSection issuer={app('name')} keys={options?.passkeys === true} />
      </Block>
      {options?.passkeys && (
        <Block title={t('passkeys')} text={t('passkeysText')}>
          <PasskeyList />
        </Block>
      )}
      <Block title={t('sessions')} text={t('sessionsText')}>
        <SessionList />
      </Block>
      {elsewhere.length > 0 && (
        <Block title={t('identities')} text={t('identitiesText')}>
          <ul>
            {elsewhere.map((identity) => (
              <li key={identity.id} className="flex items-center gap-3 border-b py-3 last:border-0">
                <span
                  className="grid size-9 shrink-0 place-items-center rounded-control bg-fill text-quiet"
                  aria-hidden
                >
                  <KeyRound size={17} />
                </span>
                <span className="grid min-w-0">
                  <span className="truncate font-medium">
                    {/* A connection's own mark says nothing; its name is for owners. */}
                    {/^(sso:|custom:sso-)/.test(identity.provider) ? t('company') : identity.name}
                  </span>
                  <bdi className="truncate text-quiet text-sm">{identity.email}</bdi>
                </span>
              </li>
            ))}
          </ul>
        </Block>
      )}
    </>
  )
}
