'use client'

import { useRef } from 'react'
import { useTranslations } from 'use-intl'
import type { Channel } from '@/features/channels/schema'
import { useLatest } from '@/features/messages/use-latest'
import type { ChatSession } from '../[slug]/_sync/session'
import { ChannelMessages } from './channel-messages'
import { ComposeArea } from './compose-area'
import { ConversationFoot } from './conversation-foot'
import { usePlaceholder } from './use-placeholder'
import { useSuggest } from './use-suggest'

type Props = { session: ChatSession; channel: Channel }

/** What the composer tells the timeline above it. */
export type ComposeVerbs = { onSent(): void; onUp(): void; onEscape(): void }

/**
 * The timeline of a channel and what is written under it. Each channel has a timeline of its own; the composer is one for
 * all of them: to build it again is a good part of what a switch would take.
 */
export function Conversation({ session, channel }: Props) {
  const t = useTranslations('conversation')
  const fieldRef = useRef<HTMLTextAreaElement>(null)
  const verbs = useRef<ComposeVerbs | null>(null)
  const suggest = useSuggest(session, channel)
  const placeholder = usePlaceholder(channel)
  const onSent = useLatest(() => verbs.current?.onSent())
  const onUp = useLatest(() => verbs.current?.onUp())
  const onEscape = useLatest(() => verbs.current?.onEscape())
  return (
    <>
      <ChannelMessages
        key={channel.id}
        session={session}
        channel={channel}
        suggest={suggest}
        fieldRef={fieldRef}
        verbs={verbs}
      />
      {channel.is_member && !channel.archived_at ? (
        <ComposeArea
          session={session}
          channel={channel}
          threadId={null}
          fieldRef={fieldRef}
          suggest={suggest}
          placeholder={placeholder}
          onSent={onSent}
          onUp={onUp}
          onEscape={onEscape}
        />
      ) : (
        // Another key than the messages have beside it: of two that share one, React forgets to remove the first.
        <ConversationFoot key={`foot:${channel.id}`} session={session} channel={channel} label={t('foot')} />
      )}
    </>
  )
}
