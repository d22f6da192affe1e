'use client'

import { KeyRound, ShieldCheck, Smartphone } from 'lucide-react'
import { useState } from 'react'
import { useFormatter, useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import { getSupabase } from '@/lib/supabase/client'
import { usePages } from '@/lib/use-pages'
import { Button } from '@/ui/button'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { Dialog } from '@/ui/dialog'
import { ErrorNotice } from '@/ui/error-notice'
import { Late } from '@/ui/late'
import { Skeleton } from '@/ui/skeleton'
import { showToast } from '@/ui/toast'
import { addKey, listFactors, removeFactor } from './mutations'
import { RecoveryCodesRow } from './recovery-codes-row'
import type { Factor } from './schema'
import { TotpSetup } from './totp-setup'

type Props = {
  issuer: string
  /** Whether this browser and address can use security keys. */
  keys: boolean
}

const MOST = 1000

/** Two-factor sign-in of mine: apps, keys and recovery codes. */
export function TwoFactorSection({ issuer, keys }: Props) {
  const t = useTranslations('factors')
  const ui = useTranslations('ui')
  const format = useFormatter()
  const errorText = useErrorText()
  const [settingUp, setSettingUp] = useState(false)
  const [removing, setRemoving] = useState<Factor | null>(null)
  const [addingKey, setAddingKey] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const { items, phase, error, retry, update } = usePages(
    'factors',
    async () => listFactors(await getSupabase()),
    MOST,
  )
  const hasApp = items.some(({ kind }) => kind === 'totp')
  const nameOf = ({ kind, name }: Factor) => (kind === 'totp' ? t('app') : (name ?? t('key')))

  const keyAdded = async () => {
    setAddingKey(true)
    setProblem(null)
    try {
      const number = items.filter(({ kind }) => kind === 'webauthn').length + 1
      await addKey(await getSupabase(), t('keyNumber', { number, mark: crypto.randomUUID().slice(0, 4) }))
      retry()
    } catch (reason) {
      setProblem(errorText(reason))
    } finally {
      setAddingKey(false)
    }
  }
  const remove = async ({ id }: Factor) => {
    await removeFactor(await getSupabase(), id)
    update((list) => list.filter((item) => item.id !== id))
    showToast(items.length === 1 ? t('turnedOff') : t('factorRemoved'))
  }

  if (phase === 'failed') {
    return (
      <ErrorNotice
        action={
          <Button size="sm" variant="quiet" onClick={retry}>
            {ui('retry')}
          </Button>
        }
      >
        {errorText(error)}
      </ErrorNotice>
    )
  }
  if (phase === 'loading' && items.length === 0) {
    return (
      <Late label={ui('loading')}>
        <Skeleton className="h-10 w-full" />
      </Late>
    )
  }
  return (
    <div className="grid gap-3">
      {items.length > 0 && (
        <ul aria-label={t('title')} className="-mt-3">
          {items.map((factor) => (
            <li key={factor.id} className="flex items-center gap-3 border-b py-3">
              <span
                className="grid size-9 shrink-0 place-items-center rounded-control bg-fill text-quiet"
                aria-hidden
              >
                {factor.kind === 'totp' ? <Smartphone size={17} /> : <KeyRound size={17} />}
              </span>
              <div className="grid min-w-0 flex-1">
                <bdi className="break-words font-medium">{nameOf(factor)}</bdi>
                <span className="text-quiet text-sm">
                  {t('added', {
                    date: format.dateTime(new Date(factor.created_at), { dateStyle: 'medium' }),
                  })}
                </span>
              </div>
              <Button
                size="sm"
                aria-label={t('removeNamed', { name: nameOf(factor) })}
                onClick={() => setRemoving(factor)}
              >
                {t('remove')}
              </Button>
            </li>
          ))}
          <RecoveryCodesRow />
        </ul>
      )}
      {problem && <ErrorNotice>{problem}</ErrorNotice>}
      <div className="flex flex-wrap gap-2 empty:hidden">
        {!hasApp && (
          <Button variant={items.length === 0 ? 'primary' : 'secondary'} onClick={() => setSettingUp(true)}>
            <ShieldCheck size={16} aria-hidden />
            {items.length === 0 ? t('setUp') : t('addApp')}
          </Button>
        )}
        {/* A key alone would leave no code to type where keys do not work: an app comes first. */}
        {hasApp && keys && (
          <Button busy={addingKey} onClick={keyAdded}>
            <KeyRound size={16} aria-hidden />
            {t('addKey')}
          </Button>
        )}
      </div>
      {settingUp && (
        <Dialog
          title={t('setUpTitle')}
          onClose={() => {
            // It may be on already: the recovery codes come last.
            setSettingUp(false)
            retry()
          }}
        >
          <TotpSetup
            issuer={issuer}
            onCancel={() => setSettingUp(false)}
            onDone={() => {
              setSettingUp(false)
              showToast(t('turnedOn'))
              retry()
            }}
          />
        </Dialog>
      )}
      {removing && (
        <ConfirmDialog
          title={t('removeTitle', { name: nameOf(removing) })}
          confirm={items.length === 1 ? t('turnOff') : t('remove')}
          danger
          onConfirm={() => remove(removing)}
          errorText={errorText}
          onClose={() => setRemoving(null)}
        >
          {items.length === 1 ? t('turnOffText') : t('removeText')}
        </ConfirmDialog>
      )}
    </div>
  )
}
