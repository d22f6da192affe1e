'use client'

import { memo, type RefObject, useEffect } from 'react'
import { useTranslations } from 'use-intl'
import type { Channel } from '@/features/channels/schema'
import { Composer } from '@/features/composer/composer'
import type { Suggest } from '@/features/composer/use-suggestions'
import { useDraft } from '@/features/drafts/drafts'
import { draftKey } from '@/features/drafts/schema'
import { MAX_BODY_LENGTH } from '@/features/messages/schema'
import type { Typing } from '@/features/presence/typing'
import { TypingLine } from '@/features/presence/typing-line'
import { afterFrame } from '@/lib/after-frame'
import { shallowEqual } from '@/lib/store'
import { useStateOf } from '@/lib/use-state-of'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import type { ChatSession } from '../[slug]/_sync/session'
import { useNames } from './people-parts'
import { useTray } from './use-tray'

type Props = {
  session: ChatSession
  channel: Pick<Channel, 'id' | 'kind' | 'member_count'>
  threadId: string | null
  fieldRef: RefObject<HTMLTextAreaElement | null>
  suggest: Suggest
  placeholder: string
  onSent(): void
  onUp(): void
  onEscape?(): void
}

/** Calling this many people is asked about first. */
const MANY = 6
const CALLS_ALL = /(?<![\p{L}\p{N}_.@/-])@(channel|here|everyone)\b/iu

/**
 * The composer with its draft, its typing line, and the outbox behind it. What happens above it does not draw it again, and
 * it stays where it is from channel to channel: what belongs to one of them goes by `place`.
 */
export const ComposeArea = memo(function ComposeArea(props: Props) {
  const { session, channel, threadId } = props
  const t = useTranslations('conversation')
  const place = draftKey(channel.id, threadId)
  const value = useDraft(session.drafts, channel.id, threadId)
  const typing = useTyping(session, channel.id)
  const files = useTray(session, channel.id, threadId)
  const [asked, setAsked] = useStateOf<string | null>(place, null)

  const send = (body: string) => {
    session.outbox.add({ channel_id: channel.id, thread_id: threadId, body, attachments: files.take() })
    session.drafts.set(channel.id, threadId, '')
    props.onSent()
  }
  return (
    <div data-region className="shrink-0">
      <Composer
        place={place}
        fieldRef={props.fieldRef}
        value={value}
        onChange={(body) => {
          session.drafts.set(channel.id, threadId, body)
          if (body) typing?.typed(threadId)
        }}
        onSend={(body) => {
          const calls = !threadId && channel.kind !== 'direct' && CALLS_ALL.test(body)
          if (calls && channel.member_count >= MANY) {
            setAsked(body)
            return false
          }
          send(body)
          return true
        }}
        onUp={props.onUp}
        onEscape={props.onEscape}
        suggest={props.suggest}
        limit={MAX_BODY_LENGTH}
        above={files.above}
        tools={files.tools}
        cargo={files.cargo}
        onFiles={files.onFiles}
        placeholder={props.placeholder}
        narrow={threadId !== null}
        foot={typing && <TypingLine typing={typing} threadId={threadId} useNames={useNames} />}
      />
      {asked !== null && (
        <ConfirmDialog
          title={t('callTitle', { count: channel.member_count })}
          confirm={t('callConfirm')}
          onConfirm={() => send(asked)}
          onClose={() => setAsked(null)}
        >
          {t('callText')}
        </ConfirmDialog>
      )}
    </div>
  )
}, sameProps)

/** A channel is another object with every message; of it only this matters here. */
function sameProps({ channel: a, ...before }: Props, { channel: b, ...after }: Props): boolean {
  const same = a.id === b.id && a.kind === b.kind && a.member_count === b.member_count
  return same && shallowEqual(before, after)
}

function useTyping(session: ChatSession, channelId: string): Typing | null {
  const [typing, setTyping] = useStateOf<Typing | null>(channelId, null)
  // The socket has to be told, which nobody waits for.
  useEffect(() => {
    let opened = false
    const takeBack = afterFrame(() => {
      opened = true
      setTyping(session.typing.open(channelId))
    })
    return () => {
      takeBack()
      if (opened) afterFrame(() => session.typing.close(channelId))
    }
  }, [session, channelId, setTyping])
  return typing
}
