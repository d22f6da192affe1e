'use client'

import { useTranslations } from 'use-intl'
import { StatusForm } from '@/features/profiles/status-form'
import { applyPeople, useMe } from '@/features/profiles/store'
import { Dialog } from '@/ui/dialog'

export default function SetStatus({ onClose }: { onClose(): void }) {
  const t = useTranslations('profiles')
  const me = useMe()
  if (!me) return null
  return (
    <Dialog title={t('statusTitle')} size="sm" onClose={onClose}>
      <StatusForm
        me={me}
        onSaved={(person) => {
          applyPeople([person])
          onClose()
        }}
      />
    </Dialog>
  )
}
