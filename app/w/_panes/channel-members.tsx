'use client'

import { UserMinus, UserPlus } from 'lucide-react'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { removeMember } from '@/features/channels/mutations'
import { listChannelMembers } from '@/features/channels/queries'
import type { Channel } from '@/features/channels/schema'
import { applyChannel } from '@/features/channels/store'
import { PersonRow } from '@/features/profiles/person-row'
import type { Person } from '@/features/profiles/schema'
import { isAdmin } from '@/features/workspaces/schema'
import { useCurrentWorkspace } from '@/features/workspaces/store'
import { useErrorText } from '@/lib/error-text'
import { getSupabase } from '@/lib/supabase/client'
import { useDebounced } from '@/lib/use-debounced'
import { usePages } from '@/lib/use-pages'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { IconButton } from '@/ui/icon-button'
import { LoadMore } from '@/ui/load-more'
import { SearchField } from '@/ui/search-field'
import { openPane } from '../_frame/location'
import { openDialog } from '../_frame/open-dialog'
import { PresenceDot } from '../_frame/presence-dot'
import { useMeId } from '../_frame/use-me-id'
import { ListFailed } from '../_views/list-failed'
import { ListSkeleton } from '../_views/list-skeleton'

/** From this size on there is something to search. */
const SEARCHED_FROM = 12

export function ChannelMembers({ channel }: { channel: Channel }) {
  const t = useTranslations('channels')
  const app = useTranslations('app')
  const errorText = useErrorText()
  const meId = useMeId()
  const workspace = useCurrentWorkspace()
  const [query, setQuery] = useState('')
  const [removing, setRemoving] = useState<Person | null>(null)
  const search = useDebounced(query.trim())
  const { id, kind, member_count } = channel
  const { items, phase, error, hasMore, more, retry, update } = usePages(
    `${id} ${member_count} ${search}`,
    async (last: Person | null) =>
      (await listChannelMembers(await getSupabase(), id, search, last?.handle)) as Person[],
  )
  const direct = kind === 'direct'
  const guest = workspace?.role === 'guest'
  const mayAdd = !direct && !guest && !channel.archived_at && (channel.is_member || isAdmin(workspace?.role))
  const mayRemove = !direct && (isAdmin(workspace?.role) || (channel.created_by === meId && !guest))

  const remove = async (person: Person) => {
    await removeMember(await getSupabase(), id, person.id)
    update((list) => list.filter((item) => item.id !== person.id))
    applyChannel({ id, member_count: Math.max(0, member_count - 1) })
  }

  return (
    <section className="grid gap-3 p-5" aria-labelledby="channel-members">
      <div className="flex items-center justify-between gap-2">
        <h3 id="channel-members" className="font-semibold text-base">
          {t('members')}{' '}
          <span className="font-normal text-quiet" data-figures>
            {member_count}
          </span>
        </h3>
        {mayAdd && (
          <Button size="sm" onClick={() => openDialog({ name: 'add-people', channelId: id })}>
            <UserPlus size={15} aria-hidden />
            {t('addPeople')}
          </Button>
        )}
      </div>
      {member_count >= SEARCHED_FROM && (
        <SearchField label={t('findMember')} value={query} onChange={setQuery} />
      )}
      {phase === 'failed' && <ListFailed error={error} retry={retry} />}
      {phase === 'loading' && items.length === 0 && (
        <ListSkeleton rows={Math.min(6, Math.max(1, member_count))} />
      )}
      {phase === 'ready' && items.length === 0 && <p className="py-4 text-quiet">{app('nobodyFound')}</p>}
      <ul className="-mx-2">
        {items.map((person) => (
          <li key={person.id} className="group flex items-center gap-1 rounded-control pe-1 hover:bg-fill">
            <button
              type="button"
              onClick={() => openPane('person', person.id)}
              className="flex min-w-0 flex-1 rounded-control px-2 py-1.5 text-start"
            >
              <PersonRow
                person={person}
                size={32}
                badge={<PresenceDot userId={person.id} />}
                tag={
                  person.id === meId ? (
                    <span className="text-quiet text-sm">{app('you')}</span>
                  ) : (
                    person.role === 'guest' && <Badge>{app('role_guest')}</Badge>
                  )
                }
              />
            </button>
            {mayRemove && person.id !== meId && (
              <IconButton
                size="sm"
                label={t('removePerson', { name: person.display_name })}
                icon={<UserMinus size={16} />}
                className="opacity-0 focus-visible:opacity-100 group-hover:opacity-100 pointer-coarse:opacity-100"
                onClick={() => setRemoving(person)}
              />
            )}
          </li>
        ))}
      </ul>
      {hasMore && <LoadMore onMore={more} busy={phase === 'loading'} />}
      {removing && (
        <ConfirmDialog
          title={t('removeTitle', { name: removing.display_name, channel: channel.name ?? '' })}
          confirm={t('remove')}
          danger
          onConfirm={() => remove(removing)}
          errorText={errorText}
          onClose={() => setRemoving(null)}
        >
          {t('removeText')}
        </ConfirmDialog>
      )}
    </section>
  )
}
