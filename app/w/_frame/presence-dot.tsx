'use client'

import { useTranslations } from 'use-intl'
import { usePresence } from '@/features/presence/store'
import { StatusDot } from '@/ui/status-dot'

type Props = { userId: string | null | undefined; ring?: string; large?: boolean }

export function PresenceDot({ userId, ring, large }: Props) {
  const t = useTranslations('app')
  const state = usePresence(userId)
  if (!state) return null
  return <StatusDot state={state === 'online' ? 'on' : 'away'} label={t(state)} ring={ring} large={large} />
}
