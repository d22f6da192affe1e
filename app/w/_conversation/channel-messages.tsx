'use client'

import { type RefObject, useCallback, useEffect, useLayoutEffect, useMemo, useState } from 'react'
import type { Channel } from '@/features/channels/schema'
import type { Suggest } from '@/features/composer/use-suggestions'
import { draftKey } from '@/features/drafts/schema'
import { MessageHostProvider } from '@/features/messages/host'
import { lastOwn } from '@/features/messages/last-own'
import type { OutboxEntry } from '@/features/messages/outbox-db'
import { Timeline } from '@/features/messages/timeline'
import { TimelineSkeleton } from '@/features/messages/timeline-skeleton'
import { useStore } from '@/lib/store'
import type { ChatSession } from '../[slug]/_sync/session'
import { Announcer } from './announcer'
import { ChannelHead } from './channel-head'
import type { ComposeVerbs } from './conversation'
import type { OpenFile } from './file-preview'
import { LoadFailed } from './load-failed'
import { OpenedFile } from './opened-file'
import { useItems } from './use-items'
import { useMarks } from './use-marks'
import { useMessageHost } from './use-message-host'
import { usePermalink } from './use-permalink'
import { useTypeAnywhere } from './use-type-anywhere'
import { useUnread } from './use-unread'

type Props = {
  session: ChatSession
  channel: Channel
  suggest: Suggest
  fieldRef: RefObject<HTMLTextAreaElement | null>
  /** What the composer below calls. */
  verbs: RefObject<ComposeVerbs | null>
}

/** The messages of one channel. */
export function ChannelMessages({ session, channel, suggest, fieldRef, verbs }: Props) {
  const { timelines, drafts, tray } = session
  const [editing, setEditing] = useState<string | null>(null)
  const [follow, setFollow] = useState(0)
  const permalink = usePermalink(session, channel.id)
  const window = useStore(timelines.store, (all) => all[channel.id])
  useEffect(() => {
    if (!permalink.pending) void timelines.open(channel.id)
  }, [timelines, channel.id, permalink.pending])

  const rows = window?.rows ?? NO_ROWS
  const atPresent = !window?.hasAfter
  const lastSeq = atPresent ? (rows.at(-1)?.seq ?? 0) : 0
  const { marks, onAtBottom, sent, markAllRead, markUnreadFrom } = useMarks(session, channel, lastSeq)
  const divider = marks.divider
  const hasBefore = window?.hasBefore ?? false
  const items = useItems({
    session,
    channelId: channel.id,
    threadId: null,
    rows,
    atPresent,
    hasBefore,
    divider,
  })
  useTypeAnywhere(fieldRef)

  const rewrite = useCallback(
    ({ body, attachments = [] }: OutboxEntry) => {
      tray.restore(draftKey(channel.id, null), attachments)
      const draft = drafts.body(channel.id, null)
      drafts.set(channel.id, null, draft ? `${draft}\n${body}` : body)
      fieldRef.current?.focus()
    },
    [drafts, tray, channel.id, fieldRef],
  )
  const unreadFrom = channel.is_member ? markUnreadFrom : undefined
  const [file, openFile] = useState<OpenFile | null>(null)
  const host = useMessageHost(session, channel, { suggest, rewrite, markUnreadFrom: unreadFrom, openFile })

  const [start] = useState(divider)
  const startKey = useMemo(
    // What is on its way has no number either, and is not where an unread part begins.
    () => (start === null ? null : (items.find((item) => item.message.seq === start)?.key ?? null)),
    [items, start],
  )
  const onSent = useCallback(() => {
    sent()
    setFollow((count) => count + 1)
  }, [sent])
  useLayoutEffect(() => {
    verbs.current = { onSent, onUp: () => setEditing(lastOwn(items, session.me)), onEscape: markAllRead }
  }, [verbs, onSent, items, session.me, markAllRead])
  const unread = useUnread({ session, channel, items, divider, markAllRead })

  const ready = window?.loaded && !permalink.pending
  return (
    <MessageHostProvider host={host}>
      <Announcer session={session} channelId={channel.id} />
      {ready ? (
        <Timeline
          key={`${channel.id}:${window.epoch}`}
          name={channel.id}
          items={items}
          head={<ChannelHead session={session} channel={channel} window={window} />}
          hasBefore={hasBefore}
          hasAfter={window.hasAfter}
          loading={window.loading}
          load={(side) => void timelines.loadMore(channel.id, side)}
          jumpToLatest={() => timelines.jumpToLatest(channel.id)}
          startKey={startKey}
          target={permalink.target}
          highlighted={permalink.highlighted}
          follow={follow}
          editing={editing}
          setEditing={setEditing}
          onAtBottom={onAtBottom}
          leave={() => fieldRef.current?.focus()}
          unread={unread}
        />
      ) : window?.error ? (
        <LoadFailed error={window.error} onRetry={() => void timelines.load(channel.id)} />
      ) : (
        <TimelineSkeleton />
      )}
      <OpenedFile
        session={session}
        channel={channel}
        file={file}
        onClose={() => openFile(null)}
        onLost={() => fieldRef.current?.focus()}
      />
    </MessageHostProvider>
  )
}

const NO_ROWS: never[] = []
