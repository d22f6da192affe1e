'use client'

import { useEffect, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import { callApi } from '@/lib/supabase/api'
import { getSupabase } from '@/lib/supabase/client'
import { Button } from '@/ui/button'
import { CopyField } from '@/ui/copy-field'
import { Dialog } from '@/ui/dialog'
import { DialogActions } from '@/ui/dialog-actions'
import { ErrorNotice } from '@/ui/error-notice'
import { Late } from '@/ui/late'
import { Skeleton } from '@/ui/skeleton'
import type { Person } from './schema'

type Props = { person: Pick<Person, 'id' | 'display_name'>; onClose(): void }

/** A link with which somebody chooses a new password. It is made when this opens, and told this once. */
export function ResetLink({ person, onClose }: Props) {
  const t = useTranslations('profiles')
  const ui = useTranslations('ui')
  const errorText = useErrorText()
  const [link, setLink] = useState<string | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const begun = useRef(false)
  const make = async () => {
    setProblem(null)
    try {
      const made = await callApi<{ link: string }>(await getSupabase(), `/api/people/${person.id}/reset-link`)
      setLink(made.link)
    } catch (error) {
      setProblem(errorText(error))
    }
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: one link for one dialog
  useEffect(() => {
    if (begun.current) return
    begun.current = true
    void make()
  }, [])
  return (
    <Dialog title={t('resetLinkTitle', { name: person.display_name })} onClose={onClose}>
      <div className="grid gap-3">
        <p className="text-base text-soft">{t('resetLinkText')}</p>
        {problem && (
          <ErrorNotice
            action={
              <Button size="sm" variant="quiet" onClick={make}>
                {ui('retry')}
              </Button>
            }
          >
            {problem}
          </ErrorNotice>
        )}
        {!link && !problem && (
          <Late label={ui('loading')}>
            <Skeleton className="h-10 w-full" />
          </Late>
        )}
        {link && <CopyField label={t('resetLink')} help={t('resetLinkHelp')} value={link} autoFocus />}
        <DialogActions>
          <Button onClick={onClose}>{ui('close')}</Button>
        </DialogActions>
      </div>
    </Dialog>
  )
}
