'use client'

import { useCallback, useEffect, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import type { Channel } from '@/features/channels/schema'
import { useChannel } from '@/features/channels/store'
import { draftKey } from '@/features/drafts/schema'
import { MessageHostProvider } from '@/features/messages/host'
import { lastOwn } from '@/features/messages/last-own'
import type { OutboxEntry } from '@/features/messages/outbox-db'
import type { Message } from '@/features/messages/schema'
import { Timeline } from '@/features/messages/timeline'
import { TimelineSkeleton } from '@/features/messages/timeline-skeleton'
import { useLatest } from '@/features/messages/use-latest'
import { useStore } from '@/lib/store'
import { Name } from '@/ui/name'
import { SidePane } from '@/ui/side-pane'
import { useChannelLabel } from '../_frame/channel-label'
import { closePane, useQuery } from '../_frame/location'
import type { ChatSession } from '../[slug]/_sync/session'
import { useChat } from '../[slug]/_sync/sync-provider'
import { ComposeArea } from './compose-area'
import type { OpenFile } from './file-preview'
import { LoadFailed } from './load-failed'
import { OpenedFile } from './opened-file'
import { ThreadHead } from './thread-head'
import { useItems } from './use-items'
import { useMessageHost } from './use-message-host'
import { useSuggest } from './use-suggest'

type Props = { channelId: string; rootId: string }

/** A root and its replies beside the conversation. */
export default function ThreadPane({ channelId, rootId }: Props) {
  const t = useTranslations('threads')
  const session = useChat()
  const channel = useChannel(channelId)
  const label = useChannelLabel(channel)
  return (
    <SidePane
      title={t('title')}
      note={<Name>{channel?.kind === 'direct' ? label : `#${label}`}</Name>}
      onClose={closePane}
    >
      {session && channel && <Thread key={rootId} session={session} channel={channel} rootId={rootId} />}
    </SidePane>
  )
}

const NO_ROWS: never[] = []
const threadPlace = (message: Message) => message.thread_seq

function Thread({ session, channel, rootId }: { session: ChatSession; channel: Channel; rootId: string }) {
  const t = useTranslations('composer')
  const { timelines, drafts, tray } = session
  const fieldRef = useRef<HTMLTextAreaElement>(null)
  const [editing, setEditing] = useState<string | null>(null)
  const [follow, setFollow] = useState(0)
  const [error, setError] = useState<unknown>(null)
  const target = useQuery().get('m')
  const thread = useStore(timelines.store, (all) => all[channel.id]?.threads[rootId])
  const load = useCallback(() => {
    setError(null)
    timelines.openThread(channel.id, rootId).catch(setError)
  }, [timelines, channel.id, rootId])
  useEffect(load, [load])
  useEffect(() => {
    if (window.matchMedia('(pointer: fine)').matches) fieldRef.current?.focus({ preventScroll: true })
  }, [])

  const rows = thread?.rows ?? NO_ROWS
  const items = useItems({
    session,
    channelId: channel.id,
    threadId: rootId,
    rows,
    atPresent: true,
    hasBefore: thread?.hasBefore ?? false,
    placeOf: threadPlace,
    above: thread?.root,
  })
  const suggest = useSuggest(session, channel)
  const rewrite = useCallback(
    ({ body, attachments = [] }: OutboxEntry) => {
      tray.restore(draftKey(channel.id, rootId), attachments)
      drafts.set(channel.id, rootId, body)
      fieldRef.current?.focus()
    },
    [drafts, tray, channel.id, rootId],
  )
  const [file, openFile] = useState<OpenFile | null>(null)
  const host = useMessageHost(session, channel, { suggest, rewrite, inThread: true, openFile })
  const onSent = useCallback(() => setFollow((count) => count + 1), [])
  const onUp = useLatest(() => setEditing(lastOwn(items, session.me)))
  const targetItem = target && items.some((item) => item.key === target) ? target : null
  const [shownTarget, setShownTarget] = useState<{ key: string } | null>(null)
  useEffect(() => setShownTarget(targetItem ? { key: targetItem } : null), [targetItem])

  return (
    <MessageHostProvider host={host}>
      {thread ? (
        <Timeline
          top
          name={`thread:${rootId}`}
          items={items}
          head={<ThreadHead root={thread.root} hasBefore={thread.hasBefore} />}
          hasBefore={thread.hasBefore}
          hasAfter={false}
          loading={false}
          load={() => void timelines.loadThreadBefore(channel.id, rootId).catch(setError)}
          jumpToLatest={async () => {}}
          startKey={null}
          target={shownTarget}
          highlighted={targetItem}
          follow={follow}
          editing={editing}
          setEditing={setEditing}
          onAtBottom={() => {}}
          leave={() => fieldRef.current?.focus()}
        />
      ) : error ? (
        <LoadFailed error={error} onRetry={load} />
      ) : (
        <TimelineSkeleton />
      )}
      {channel.is_member && !channel.archived_at && (
        <ComposeArea
          session={session}
          channel={channel}
          threadId={rootId}
          fieldRef={fieldRef}
          suggest={suggest}
          placeholder={t('placeholderThread')}
          onSent={onSent}
          onUp={onUp}
        />
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
