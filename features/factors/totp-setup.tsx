'use client'

import { Check, Copy } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import { getSupabase } from '@/lib/supabase/client'
import { Button } from '@/ui/button'
import { CodeField } from '@/ui/code-field'
import { ErrorNotice } from '@/ui/error-notice'
import { Late } from '@/ui/late'
import { Skeleton } from '@/ui/skeleton'
import { beginTotp, createRecoveryCodes, verifyTotp } from './mutations'
import { RecoveryCodes } from './recovery-codes'
import { grouped, type TotpSecret } from './schema'

type Props = {
  /** Shown in the app beside the code. */
  issuer: string
  onDone(): void
  onCancel?(): void
}

/** Scan, type the first code, keep the recovery codes. Nothing counts before the code was right. */
export function TotpSetup({ issuer, onDone, onCancel }: Props) {
  const t = useTranslations('factors')
  const ui = useTranslations('ui')
  const errorText = useErrorText()
  const [secret, setSecret] = useState<TotpSecret | null>(null)
  const [code, setCode] = useState('')
  const [codes, setCodes] = useState<string[] | null>(null)
  const [verified, setVerified] = useState(false)
  const [busy, setBusy] = useState(false)
  const [copied, setCopied] = useState(false)
  const [problem, setProblem] = useState<{ at: 'start' | 'code' | 'codes'; text: string } | null>(null)
  const begun = useRef(false)

  const begin = async () => {
    setProblem(null)
    try {
      setSecret(await beginTotp(await getSupabase(), issuer))
    } catch (error) {
      setProblem({ at: 'start', text: errorText(error) })
    }
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: one secret for one set-up
  useEffect(() => {
    if (begun.current) return
    begun.current = true
    void begin()
  }, [])

  const makeCodes = async () => {
    setBusy(true)
    setProblem(null)
    try {
      setCodes(await createRecoveryCodes(await getSupabase()))
    } catch (error) {
      setProblem({ at: 'codes', text: errorText(error) })
    } finally {
      setBusy(false)
    }
  }
  const verify = async (digits: string) => {
    if (busy || !secret) return
    setBusy(true)
    setProblem(null)
    try {
      await verifyTotp(await getSupabase(), secret.factorId, digits)
      setVerified(true)
    } catch (error) {
      setProblem({ at: 'code', text: errorText(error) })
      setCode('')
      return setBusy(false)
    }
    await makeCodes()
  }

  if (codes) return <RecoveryCodes codes={codes} onDone={onDone} />
  if (problem?.at === 'start' || problem?.at === 'codes') {
    return (
      <ErrorNotice
        action={
          <Button size="sm" variant="quiet" onClick={problem.at === 'start' ? begin : makeCodes}>
            {ui('retry')}
          </Button>
        }
      >
        {problem.text}
      </ErrorNotice>
    )
  }
  if (!secret || verified) {
    return (
      <Late label={ui('loading')} className="grid gap-4">
        <Skeleton className="size-48" />
        <Skeleton className="h-10 w-full" />
      </Late>
    )
  }
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(secret.secret)
      setCopied(true)
    } catch {
      // Without a secure origin there is no clipboard; the secret stands there to be selected.
    }
  }
  return (
    <form
      noValidate
      className="grid gap-5"
      onSubmit={(event) => {
        event.preventDefault()
        if (code.length === 6) void verify(code)
        else setProblem({ at: 'code', text: t('codeIncomplete') })
      }}
    >
      <div className="grid gap-3">
        <p className="text-base text-soft">{t('scan')}</p>
        {/* White around it in either theme: cameras need the quiet zone. */}
        <span className="justify-self-start rounded-card border bg-[white] p-2">
          {/* biome-ignore lint/performance/noImgElement: a drawing that came with the secret, nothing to optimise */}
          <img src={secret.qrCode} alt={t('qrCode')} width={176} height={176} />
        </span>
        <p className="text-quiet text-sm">{t('typeSecret')}</p>
        <div className="flex flex-wrap items-center gap-2">
          <code className="min-w-0 break-words rounded-control bg-fill px-2.5 py-1.5 font-mono text-sm">
            {grouped(secret.secret)}
          </code>
          <Button size="sm" onClick={copy}>
            {copied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
            {copied ? t('copied') : t('copySecret')}
          </Button>
        </div>
      </div>
      <CodeField
        label={t('firstCode')}
        help={t('firstCodeHelp')}
        value={code}
        onChange={(next) => {
          setCode(next)
          if (next) setProblem(null)
        }}
        onComplete={verify}
        error={problem?.at === 'code' ? problem.text : null}
        autoFocus
      />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" variant="primary" busy={busy}>
          {t('turnOn')}
        </Button>
        {onCancel && (
          <Button variant="quiet" onClick={onCancel}>
            {ui('cancel')}
          </Button>
        )}
      </div>
    </form>
  )
}
