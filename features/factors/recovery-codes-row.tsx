'use client'

import { LifeBuoy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import { getSupabase } from '@/lib/supabase/client'
import { Button } from '@/ui/button'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { Dialog } from '@/ui/dialog'
import { countRecoveryCodes, createRecoveryCodes } from './mutations'
import { RecoveryCodes } from './recovery-codes'
import { RECOVERY_CODES } from './schema'

/** How many recovery codes are left, and new ones in place of them. */
export function RecoveryCodesRow() {
  const t = useTranslations('factors')
  const errorText = useErrorText()
  const [left, setLeft] = useState<number | null>(null)
  const [asked, setAsked] = useState(false)
  const [codes, setCodes] = useState<string[] | null>(null)
  useEffect(() => {
    let current = true
    getSupabase()
      .then(countRecoveryCodes)
      // The number is a convenience: without it new codes can be made all the same.
      .then((count) => current && setLeft(count))
      .catch(() => {})
    return () => {
      current = false
    }
  }, [])
  const create = async () => {
    setCodes(await createRecoveryCodes(await getSupabase()))
    setLeft(RECOVERY_CODES)
  }
  return (
    <li className="flex items-center gap-3 border-b py-3">
      <span
        className="grid size-9 shrink-0 place-items-center rounded-control bg-fill text-quiet"
        aria-hidden
      >
        <LifeBuoy size={17} />
      </span>
      <div className="grid min-w-0 flex-1">
        <span className="font-medium">{t('recoveryCodes')}</span>
        <span className="text-quiet text-sm">
          {left === null ? t('recoveryOnce') : t('recoveryLeft', { count: left })}
        </span>
      </div>
      <Button size="sm" onClick={() => setAsked(true)}>
        {t('newCodes')}
      </Button>
      {asked && (
        <ConfirmDialog
          title={t('newCodesTitle')}
          confirm={t('newCodes')}
          onConfirm={create}
          errorText={errorText}
          onClose={() => setAsked(false)}
        >
          {t('newCodesText')}
        </ConfirmDialog>
      )}
      {codes && (
        <Dialog title={t('recoveryCodes')} onClose={() => setCodes(null)}>
          <RecoveryCodes codes={codes} onDone={() => setCodes(null)} />
        </Dialog>
      )}
    </li>
  )
}
