'use client'

import { useTranslations } from 'use-intl'
import { tooltip } from '@/ui/tooltip'

export function Edited({ time }: { time: string }) {
  const t = useTranslations('messages')
  return (
    <span
      className="ms-1.5 whitespace-nowrap text-quiet text-xs"
      {...tooltip(new Date(time).toLocaleString())}
    >
      {t('edited')}
    </span>
  )
}
