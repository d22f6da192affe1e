'use client'

import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import { getSupabase } from '@/lib/supabase/client'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { showToast } from '@/ui/toast'
import { type SecurityRules, setSecurityRules } from './security'

type Props = {
  workspaceId: string
  rule: keyof SecurityRules
  on: boolean
  onChanged(rules: SecurityRules): void
}

/** One rule: whether it holds, what that means, and the button that changes it after saying what will happen. */
export function SecurityRule({ workspaceId, rule, on, onChanged }: Props) {
  const t = useTranslations('security')
  const errorText = useErrorText()
  const [asked, setAsked] = useState(false)
  const change = async () => {
    onChanged(await setSecurityRules(await getSupabase(), workspaceId, { [rule]: !on }))
    showToast(on ? t(`${rule}.offDone`) : t(`${rule}.onDone`))
  }
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-3">
      <div className="grid min-w-56 flex-1 gap-0.5">
        <p className="flex flex-wrap items-center gap-2">
          <span className="font-medium">{t(`${rule}.title`)}</span>
          <Badge tone={on ? 'accent' : 'neutral'}>{on ? t('on') : t('off')}</Badge>
        </p>
        <p className="text-quiet text-sm">{t(`${rule}.text`)}</p>
      </div>
      <Button onClick={() => setAsked(true)}>{on ? t(`${rule}.turnOff`) : t(`${rule}.turnOn`)}</Button>
      {asked && (
        <ConfirmDialog
          title={on ? t(`${rule}.offTitle`) : t(`${rule}.onTitle`)}
          confirm={on ? t(`${rule}.turnOff`) : t(`${rule}.turnOn`)}
          onConfirm={change}
          errorText={errorText}
          onClose={() => setAsked(false)}
        >
          {on ? t(`${rule}.offText`) : t(`${rule}.onText`)}
        </ConfirmDialog>
      )}
    </div>
  )
}
