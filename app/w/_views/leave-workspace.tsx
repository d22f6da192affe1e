'use client'

import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { leaveWorkspace } from '@/features/workspaces/mutations'
import type { Workspace } from '@/features/workspaces/schema'
import { useErrorText } from '@/lib/error-text'
import { getSupabase } from '@/lib/supabase/client'
import { Button } from '@/ui/button'
import { ConfirmDialog } from '@/ui/confirm-dialog'

export function LeaveWorkspace({ workspace }: { workspace: Workspace }) {
  const t = useTranslations('settings')
  const errorText = useErrorText()
  const [asked, setAsked] = useState(false)
  const leave = async () => {
    await leaveWorkspace(await getSupabase(), workspace.id)
    window.location.assign('/')
  }
  return (
    <section className="grid justify-items-start gap-3 border-t pt-8">
      <div className="grid gap-0.5">
        <h2 className="font-semibold text-lg">{t('leave')}</h2>
        <p className="text-quiet text-sm">{t('leaveText')}</p>
      </div>
      <Button onClick={() => setAsked(true)}>{t('leave')}</Button>
      {asked && (
        <ConfirmDialog
          title={t('leaveTitle', { name: workspace.name })}
          confirm={t('leave')}
          danger
          onConfirm={leave}
          errorText={errorText}
          onClose={() => setAsked(false)}
        >
          {t('leaveText')}
        </ConfirmDialog>
      )}
    </section>
  )
}
