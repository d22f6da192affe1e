'use client'

import { Archive } from 'lucide-react'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { joinChannel, setArchived } from '@/features/channels/mutations'
import type { Channel } from '@/features/channels/schema'
import { applyChannel } from '@/features/channels/store'
import { isAdmin } from '@/features/workspaces/schema'
import { useCurrentWorkspace } from '@/features/workspaces/store'
import { useErrorText } from '@/lib/error-text'
import { Button } from '@/ui/button'
import type { ChatSession } from '../[slug]/_sync/session'

type Props = { session: ChatSession; channel: Channel; label: string }

/** In the composer's place: joining a channel one looks at, or why nothing can be written. */
export function ConversationFoot({ session, channel, label }: Props) {
  const t = useTranslations('conversation')
  const errorText = useErrorText()
  const role = useCurrentWorkspace()?.role
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const archived = channel.archived_at !== null
  const run = async (work: Promise<Channel>) => {
    setBusy(true)
    setError(null)
    try {
      applyChannel(await work)
      await session.timelines.load(channel.id)
      void session.engine.refresh()
    } catch (reason) {
      setError(errorText(reason))
    }
    setBusy(false)
  }
  const { client } = session
  return (
    <section
      aria-label={label}
      data-region
      className="flex shrink-0 flex-wrap items-center justify-center gap-x-4 gap-y-2 border-t bg-sunken px-4 pt-3 pb-[max(0.75rem,env(safe-area-inset-bottom))] text-center text-soft"
    >
      {archived && <Archive size={16} aria-hidden className="text-quiet" />}
      <span>{archived ? t('archived') : t('preview', { name: channel.name ?? '' })}</span>
      {archived
        ? isAdmin(role) && (
            <Button size="sm" busy={busy} onClick={() => run(setArchived(client, channel.id, false))}>
              {t('unarchive')}
            </Button>
          )
        : channel.kind === 'public' && (
            <Button variant="primary" busy={busy} onClick={() => run(joinChannel(client, channel.id))}>
              {t('join')}
            </Button>
          )}
      {error && (
        <span role="alert" className="w-full text-danger-ink text-sm">
          {error}
        </span>
      )}
    </section>
  )
}
