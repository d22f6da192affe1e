'use client'

import { FileStack, LayoutGrid, List } from 'lucide-react'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { FileListing } from '@/features/attachments/file-listing'
import { useListing } from '@/features/attachments/listing'
import { listAttachments, PAGE_SIZE } from '@/features/attachments/queries'
import { useChannel } from '@/features/channels/store'
import { usePerson } from '@/features/profiles/store'
import { usePages } from '@/lib/use-pages'
import { EmptyState } from '@/ui/empty-state'
import { IconButton } from '@/ui/icon-button'
import { LoadMore } from '@/ui/load-more'
import { Name } from '@/ui/name'
import { SegmentedControl } from '@/ui/segmented-control'
import { SidePane } from '@/ui/side-pane'
import { useChannelLabel } from '../_frame/channel-label'
import { channelPath, closePane } from '../_frame/location'
import { ListFailed } from '../_views/list-failed'
import { ListSkeleton } from '../_views/list-skeleton'
import type { ChatSession } from '../[slug]/_sync/session'
import { useChat } from '../[slug]/_sync/sync-provider'

const KINDS = {
  all: [],
  image: ['image'],
  media: ['video', 'audio', 'voice'],
  document: ['pdf', 'text', 'other'],
} as const
type Filter = keyof typeof KINDS
const FILTERS = Object.keys(KINDS) as Filter[]

/** Everything that was sent to a channel, newest first. */
export default function FilesPane({ channelId }: { channelId: string }) {
  const t = useTranslations('attachments')
  const session = useChat()
  const channel = useChannel(channelId)
  const label = useChannelLabel(channel)
  return (
    <SidePane
      title={t('files')}
      note={<Name>{channel?.kind === 'direct' ? label : `#${label}`}</Name>}
      onClose={closePane}
    >
      {session && <Listing session={session} channelId={channelId} />}
    </SidePane>
  )
}

function Listing({ session, channelId }: { session: ChatSession; channelId: string }) {
  const t = useTranslations('attachments')
  const [filter, setFilter] = useState<Filter>('all')
  const { client, slug, me } = session
  const [listing, setListing] = useListing(me)
  const { items, phase, error, hasMore, more, retry } = usePages(
    `${channelId} ${filter}`,
    (last: Awaited<ReturnType<typeof listAttachments>>[number] | null) =>
      listAttachments(client, channelId, KINDS[filter], last?.sent_at),
    PAGE_SIZE,
  )
  return (
    <section className="grid grid-cols-[minmax(0,1fr)] gap-4 p-4">
      <div className="flex items-center gap-2">
        <SegmentedControl
          label={t('kinds')}
          value={filter}
          onChange={setFilter}
          options={FILTERS.map((value) => ({ value, label: t(`kind_${value}`) }))}
          className="min-w-0 flex-1"
        />
        <IconButton
          label={listing === 'grid' ? t('asList') : t('asGrid')}
          icon={listing === 'grid' ? <List size={17} /> : <LayoutGrid size={17} />}
          onClick={() => setListing(listing === 'grid' ? 'list' : 'grid')}
        />
      </div>
      {phase === 'failed' && <ListFailed error={error} retry={retry} />}
      {phase === 'loading' && items.length === 0 && <ListSkeleton rows={6} />}
      {phase === 'ready' && items.length === 0 && (
        <EmptyState
          icon={<FileStack size={22} />}
          title={filter === 'all' ? t('none') : t('noneOfKind')}
          text={filter === 'all' ? t('noneText') : undefined}
        />
      )}
      <FileListing
        client={client}
        channelId={channelId}
        attachments={items}
        listing={listing}
        messagePath={(messageId) => `${channelPath(slug, channelId)}?m=${messageId}`}
        Author={Author}
      />
      {hasMore && <LoadMore onMore={more} busy={phase === 'loading'} />}
    </section>
  )
}

function Author({ userId }: { userId: string | null }) {
  const t = useTranslations('messages')
  const person = usePerson(userId ?? undefined)
  return <bdi>{person?.display_name ?? t('formerMember')}</bdi>
}
