'use client'

import { Hash, Plus, Search } from 'lucide-react'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { joinChannel, leaveChannel } from '@/features/channels/mutations'
import { type BrowsedChannel, browseChannels } from '@/features/channels/queries'
import { applyChannel, removeChannel } from '@/features/channels/store'
import { useCurrentWorkspace } from '@/features/workspaces/store'
import { useErrorText } from '@/lib/error-text'
import { getSupabase } from '@/lib/supabase/client'
import { useDebounced } from '@/lib/use-debounced'
import { usePages } from '@/lib/use-pages'
import { Button } from '@/ui/button'
import { EmptyState } from '@/ui/empty-state'
import { LoadMore } from '@/ui/load-more'
import { Name } from '@/ui/name'
import { SearchField } from '@/ui/search-field'
import { showToast } from '@/ui/toast'
import { channelPath } from '../_frame/location'
import { openDialog } from '../_frame/open-dialog'
import { ScreenHeader } from '../_frame/screen-header'
import { ListFailed } from './list-failed'
import { ListSkeleton } from './list-skeleton'

type RowProps = { channel: BrowsedChannel; slug: string; onChange(change: Partial<BrowsedChannel>): void }

function BrowseRow({ channel, slug, onChange }: RowProps) {
  const t = useTranslations('channels')
  const errorText = useErrorText()
  const [busy, setBusy] = useState(false)
  const { id, name, is_member, member_count, purpose, topic } = channel
  const toggle = async () => {
    setBusy(true)
    try {
      const client = await getSupabase()
      if (is_member) {
        await leaveChannel(client, id)
        removeChannel(id)
      } else applyChannel(await joinChannel(client, id))
      onChange({ is_member: !is_member, member_count: member_count + (is_member ? -1 : 1) })
    } catch (error) {
      showToast(errorText(error))
    }
    setBusy(false)
  }
  return (
    <li className="relative flex items-center gap-3 rounded-card px-3 py-2.5 hover:bg-fill">
      <span
        className="grid size-9 shrink-0 place-items-center rounded-control bg-fill text-quiet"
        aria-hidden
      >
        <Hash size={17} />
      </span>
      <div className="min-w-0 flex-1">
        <a
          href={channelPath(slug, id)}
          className="flex min-w-0 font-medium text-base after:absolute after:inset-0 after:rounded-card"
        >
          <Name>{name ?? ''}</Name>
        </a>
        <p className="flex min-w-0 gap-1.5 text-quiet text-sm">
          <span className="shrink-0" data-figures>
            {t('memberCount', { count: member_count })}
          </span>
          {(purpose || topic) && (
            <>
              <span aria-hidden>·</span>
              <Name>{purpose || topic}</Name>
            </>
          )}
        </p>
      </div>
      <Button
        size="sm"
        busy={busy}
        variant={is_member ? 'quiet' : 'secondary'}
        onClick={toggle}
        aria-label={is_member ? t('leaveNamed', { name: name ?? '' }) : t('joinNamed', { name: name ?? '' })}
        className="relative z-10"
      >
        {is_member ? t('leaveShort') : t('join')}
      </Button>
    </li>
  )
}

/** Every public channel: look into it, join it, leave it. */
export default function BrowseView() {
  const t = useTranslations('channels')
  const workspace = useCurrentWorkspace()
  const [query, setQuery] = useState('')
  const search = useDebounced(query.trim())
  const { items, phase, error, hasMore, more, retry, update } = usePages(
    `${workspace?.id} ${search}`,
    async (last: BrowsedChannel | null) =>
      workspace && workspace.role !== 'guest'
        ? browseChannels(await getSupabase(), workspace.id, search, last?.name ?? null)
        : [],
  )
  if (!workspace) return null
  if (workspace.role === 'guest') {
    return (
      <>
        <ScreenHeader title={t('browse')} />
        <EmptyState icon={<Hash size={20} />} title={t('notForGuests')} text={t('notForGuestsText')} />
      </>
    )
  }
  const create = () => openDialog({ name: 'create-channel', channelName: search })
  return (
    <>
      <ScreenHeader
        title={t('browse')}
        actions={
          <Button size="sm" onClick={create}>
            <Plus size={15} aria-hidden />
            {t('create')}
          </Button>
        }
      />
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="mx-auto w-full max-w-[46rem] px-4 py-5 md:px-6">
          <SearchField label={t('find')} value={query} onChange={setQuery} className="mb-3" />
          {phase === 'failed' && <ListFailed error={error} retry={retry} />}
          {phase === 'loading' && items.length === 0 && <ListSkeleton />}
          {phase === 'ready' && items.length === 0 && (
            <EmptyState
              icon={<Search size={20} />}
              title={search ? t('nothingFound', { query: search }) : t('none')}
              text={t('nothingFoundText')}
              action={
                <Button variant="primary" onClick={create}>
                  {t('create')}
                </Button>
              }
            />
          )}
          <ul className="-mx-3">
            {items.map((channel) => (
              <BrowseRow
                key={channel.id}
                channel={channel}
                slug={workspace.slug}
                onChange={(change) =>
                  update((list) =>
                    list.map((item) => (item.id === channel.id ? { ...item, ...change } : item)),
                  )
                }
              />
            ))}
          </ul>
          {hasMore && <LoadMore onMore={more} busy={phase === 'loading'} />}
        </div>
      </div>
    </>
  )
}
