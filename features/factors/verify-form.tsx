'use client'

import { KeyRound } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import { getSupabase } from '@/lib/supabase/client'
import { Button } from '@/ui/button'
import { CodeField } from '@/ui/code-field'
import { ErrorNotice } from '@/ui/error-notice'
import { Late } from '@/ui/late'
import { linkClass } from '@/ui/link'
import { Skeleton } from '@/ui/skeleton'
import { listFactors, verifyKey, verifyTotp } from './mutations'
import { RecoveryCodeForm } from './recovery-code-form'
import type { Factor } from './schema'

type Props = {
  onVerified(): void
  /** A recovery code was used: the person has no second factor any more. */
  onRecovered(): void
}

/** The step after the password: a code of the app, a security key, or a recovery code as the way out. */
export function VerifyForm({ onVerified, onRecovered }: Props) {
  const t = useTranslations('factors')
  const ui = useTranslations('ui')
  const errorText = useErrorText()
  const [factors, setFactors] = useState<Factor[] | null>(null)
  const [code, setCode] = useState('')
  const [busy, setBusy] = useState<'code' | 'key' | null>(null)
  const [problem, setProblem] = useState<{ at: 'code' | 'form'; text: string } | null>(null)
  const [recovering, setRecovering] = useState(false)
  const [attempt, setAttempt] = useState(0)

  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt is another run
  useEffect(() => {
    let current = true
    getSupabase()
      .then(listFactors)
      .then(
        (list) => current && setFactors(list),
        (error: unknown) => current && setProblem({ at: 'form', text: errorText(error) }),
      )
    return () => {
      current = false
    }
  }, [attempt])

  const apps = factors?.filter(({ kind }) => kind === 'totp') ?? []
  const keys = factors?.filter(({ kind }) => kind === 'webauthn') ?? []

  const run = async (at: 'code' | 'key', work: () => Promise<void>) => {
    if (busy) return
    setBusy(at)
    setProblem(null)
    try {
      await work()
      onVerified()
    } catch (error) {
      setProblem({ at: at === 'code' ? 'code' : 'form', text: errorText(error) })
      setCode('')
      setBusy(null)
    }
  }
  const verifyCode = (digits: string) =>
    run('code', async () => {
      const client = await getSupabase()
      // Somebody with two apps need not say which of them it was.
      for (const [index, app] of apps.entries()) {
        try {
          return await verifyTotp(client, app.id, digits)
        } catch (error) {
          if (index === apps.length - 1) throw error
        }
      }
    })

  if (recovering) return <RecoveryCodeForm onDone={onRecovered} onBack={() => setRecovering(false)} />
  if (!factors) {
    return problem ? (
      <ErrorNotice
        action={
          <Button
            size="sm"
            variant="quiet"
            onClick={() => {
              setProblem(null)
              setAttempt(attempt + 1)
            }}
          >
            {ui('retry')}
          </Button>
        }
      >
        {problem.text}
      </ErrorNotice>
    ) : (
      <Late label={ui('loading')} className="grid gap-3">
        <Skeleton className="h-12 w-full" />
        <Skeleton className="h-10 w-full" />
      </Late>
    )
  }
  return (
    <div className="grid gap-4">
      {apps.length > 0 && (
        <form
          noValidate
          className="grid gap-3"
          onSubmit={(event) => {
            event.preventDefault()
            if (code.length === 6) void verifyCode(code)
            else setProblem({ at: 'code', text: t('codeIncomplete') })
          }}
        >
          <CodeField
            label={t('code')}
            help={t('codeHelp')}
            value={code}
            onChange={(next) => {
              setCode(next)
              if (next) setProblem(null)
            }}
            onComplete={verifyCode}
            error={problem?.at === 'code' ? problem.text : null}
            autoFocus
          />
          <Button type="submit" variant="primary" wide busy={busy === 'code'} className="h-10">
            {t('verify')}
          </Button>
        </form>
      )}
      {problem?.at === 'form' && <ErrorNotice>{problem.text}</ErrorNotice>}
      {keys.length > 0 && (
        <Button
          wide
          variant={apps.length > 0 ? 'secondary' : 'primary'}
          busy={busy === 'key'}
          className="h-10"
          onClick={() => run('key', async () => verifyKey(await getSupabase(), (keys[0] as Factor).id))}
        >
          <KeyRound size={16} aria-hidden />
          {t('useKey')}
        </Button>
      )}
      <p className="text-base text-quiet">
        {t('lost')}{' '}
        <button type="button" className={linkClass} onClick={() => setRecovering(true)}>
          {t('useRecoveryCode')}
        </button>
      </p>
    </div>
  )
}
