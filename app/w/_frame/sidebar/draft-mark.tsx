'use client'

import { Pencil } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { type Draft, draftKey } from '@/features/drafts/schema'
import { createStore, useStore } from '@/lib/store'
import { useChat } from '../../[slug]/_sync/sync-provider'

const none = createStore<Readonly<Record<string, Draft>>>({})

/** A pencil where something was begun and not sent. */
export function DraftMark({ channelId }: { channelId: string }) {
  const t = useTranslations('app')
  const session = useChat()
  const drafted = useStore(session?.drafts.store ?? none, (drafts) =>
    Boolean(drafts[draftKey(channelId, null)]?.body.trim()),
  )
  if (!drafted) return null
  return (
    <>
      <Pencil size={13} aria-hidden className="shrink-0 text-quiet" />
      <span className="sr-only">{t('draft')}</span>
    </>
  )
}
