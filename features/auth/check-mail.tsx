'use client'

import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import { toAppError } from '@/lib/errors'
import { getSupabase } from '@/lib/supabase/client'
import { useCountdown } from '@/lib/use-countdown'
import { Button } from '@/ui/button'
import { CodeField } from '@/ui/code-field'
import { ErrorNotice } from '@/ui/error-notice'
import { verifyCode } from './mail-mutations'

type Props = {
  email: string
  children: ReactNode
  /** Sends the mail once more. */
  resend(): Promise<unknown>
  /** With it the mail also carries a code that can be typed here. */
  onVerified?(): void
  /** Another way, or back: stands beside "Send again". */
  action?: ReactNode
}

/** Servers send one mail a minute to an address. */
const WAIT_SECONDS = 60

/** A mail is on its way: what to do with it, and what when it does not come. */
export function CheckMail({ email, children, resend, onVerified, action }: Props) {
  const t = useTranslations('auth')
  const errorText = useErrorText()
  const [left, wait] = useCountdown()
  const [code, setCode] = useState('')
  const [busy, setBusy] = useState<'code' | 'mail' | null>(null)
  const [sent, setSent] = useState(false)
  const [problem, setProblem] = useState<{ at: 'code' | 'mail'; text: string } | null>(null)

  const run = async (at: 'code' | 'mail', work: () => Promise<unknown>) => {
    if (busy) return
    setBusy(at)
    setProblem(null)
    try {
      await work()
    } catch (error) {
      setProblem({ at, text: errorText(error) })
    } finally {
      setBusy(null)
    }
  }
  const verify = (digits: string) =>
    run('code', async () => {
      try {
        await verifyCode(await getSupabase(), email, digits)
      } catch (error) {
        // Nothing has to be selected before the next try.
        if (toAppError(error).code === 'otp_expired') setCode('')
        throw error
      }
      onVerified?.()
    })
  const again = () =>
    run('mail', async () => {
      await resend()
      setSent(true)
      wait(WAIT_SECONDS)
    })

  return (
    <div className="grid gap-5">
      <div role="status" className="break-words text-base text-soft">
        {children}
      </div>
      {onVerified && (
        <form
          noValidate
          className="grid gap-3"
          onSubmit={(event) => {
            event.preventDefault()
            if (code.length === 6) void verify(code)
            else setProblem({ at: 'code', text: t('codeIncomplete') })
          }}
        >
          <CodeField
            label={t('code')}
            help={t('codeHelp')}
            value={code}
            onChange={(next) => {
              setCode(next)
              setProblem(null)
            }}
            onComplete={verify}
            error={problem?.at === 'code' ? problem.text : null}
            autoFocus
          />
          <Button type="submit" variant="primary" wide busy={busy === 'code'} className="h-10">
            {t('confirmCode')}
          </Button>
        </form>
      )}
      {problem?.at === 'mail' && <ErrorNotice>{problem.text}</ErrorNotice>}
      <div className="flex flex-wrap items-center gap-2">
        <Button onClick={again} busy={busy === 'mail'} disabled={left > 0}>
          {left > 0 ? t('sendAgainIn', { seconds: left }) : t('sendAgain')}
        </Button>
        {action}
        <span role="status" className="sr-only">
          {sent && left > 0 && t('sentAgain')}
        </span>
      </div>
      <p className="text-quiet text-sm">{t('mailMissing')}</p>
    </div>
  )
}
