'use client'

import { LogIn } from 'lucide-react'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { startSso, useSignInMethods } from '@/features/auth/sso'
import { useErrorText } from '@/lib/error-text'
import { Button } from '@/ui/button'
import { ErrorNotice } from '@/ui/error-notice'

/** The way through the company's own sign-in, for somebody who came in with a password. */
export function SignOnAgain({ email }: { email: string | null }) {
  const t = useTranslations('auth')
  const errorText = useErrorText()
  const sso = useSignInMethods(email ?? '')?.sso
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const go = async () => {
    if (!sso) return
    setBusy(true)
    setProblem(null)
    try {
      await startSso(sso, window.location.pathname, email ?? undefined)
    } catch (error) {
      setProblem(errorText(error))
      setBusy(false)
    }
  }
  return (
    <div className="grid gap-3">
      {problem && <ErrorNotice>{problem}</ErrorNotice>}
      <Button variant="primary" wide busy={busy} disabled={!sso} className="h-10 min-w-0 shrink" onClick={go}>
        <LogIn size={16} aria-hidden className="shrink-0" />
        <span className="min-w-0 truncate">{t('continueWith', { name: sso?.name ?? '…' })}</span>
      </Button>
    </div>
  )
}
