'use client'

import { useEffect, useRef } from 'react'
import { useTranslations } from 'use-intl'
import { signOut } from '@/features/auth/mutations'
import { checkRequirements, type Requirements } from '@/features/auth/requirements'
import { TotpSetup } from '@/features/factors/totp-setup'
import { VerifyForm } from '@/features/factors/verify-form'
import { forgetRead } from '@/lib/local-data'
import { getSupabase } from '@/lib/supabase/client'
import { Button } from '@/ui/button'
import { FullPage } from '@/ui/full-page'
import { Logo } from '@/ui/logo'
import { showToast } from '@/ui/toast'
import { SignOnAgain } from './sign-on-again'
import { signOutHere } from './sign-out'
import { SignedInAs } from './signed-in-as'
import { StepFrame } from './step-frame'

type Props = {
  requirements: Requirements
  email: string | null
  /** Keeps this screen until `onHold(false)`, also when nothing is missing any more. */
  held: boolean
  onHold(held: boolean): void
}

/** What a sign-in still lacks, one thing at a time, with no way around it. */
export default function RequirementScreen({ requirements, email, held, onHold }: Props) {
  const t = useTranslations('requirements')
  const { deactivated, ended, second_factor, sso, workspaces } = requirements
  const over = ended && !deactivated
  const left = useRef(false)
  useEffect(() => {
    if (second_factor === 'enroll') onHold(true)
  }, [second_factor, onHold])
  useEffect(() => {
    if (!over || left.current) return
    left.current = true
    getSupabase().then(signOut, () => {})
  }, [over])

  useEffect(() => {
    if (deactivated) void forgetRead()
  }, [deactivated])

  if (deactivated) {
    return (
      <FullPage
        mark={<Logo size={40} />}
        title={t('deactivatedTitle')}
        text={t('deactivatedText')}
        action={<Button onClick={signOutHere}>{t('otherAccount')}</Button>}
      />
    )
  }
  if (over) return null
  const asking = workspaces.map(({ name }) => name)
  if (second_factor === 'verify') {
    return (
      <StepFrame title={t('verifyTitle')} text={t('verifyText')}>
        <VerifyForm
          onVerified={checkRequirements}
          onRecovered={() => {
            showToast(t('recovered'))
            void checkRequirements()
          }}
        />
        <SignedInAs />
      </StepFrame>
    )
  }
  if (held || second_factor === 'enroll') {
    return (
      <StepFrame
        title={t('enrollTitle')}
        text={t('enrollText', { count: asking.length, name: asking[0] ?? '' })}
      >
        <TotpSetup issuer={t('issuer')} onDone={() => onHold(false)} />
        <SignedInAs />
      </StepFrame>
    )
  }
  if (sso) {
    return (
      <StepFrame title={t('ssoTitle')} text={t('ssoText', { count: asking.length, name: asking[0] ?? '' })}>
        <SignOnAgain email={email} />
        <SignedInAs />
      </StepFrame>
    )
  }
  return null
}
