'use client'

import { CloudOff } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import { Button } from '@/ui/button'
import { EmptyState } from '@/ui/empty-state'

type Props = { error: unknown; onRetry(): void }

export function LoadFailed({ error, onRetry }: Props) {
  const t = useTranslations('messages')
  const errorText = useErrorText()
  return (
    <div className="grid min-h-0 flex-1 place-items-center overflow-y-auto">
      <EmptyState
        icon={<CloudOff size={22} />}
        title={t('loadFailed')}
        text={errorText(error)}
        action={<Button onClick={onRetry}>{t('retry')}</Button>}
      />
    </div>
  )
}
