'use client'

import { UserPlus, UsersRound } from 'lucide-react'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { PersonRow } from '@/features/profiles/person-row'
import { listMembers } from '@/features/profiles/queries'
import { currentStatus, type Person } from '@/features/profiles/schema'
import { applyPeople } from '@/features/profiles/store'
import { useCurrentWorkspace } from '@/features/workspaces/store'
import { getSupabase } from '@/lib/supabase/client'
import { useDebounced } from '@/lib/use-debounced'
import { usePages } from '@/lib/use-pages'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { EmptyState } from '@/ui/empty-state'
import { LoadMore } from '@/ui/load-more'
import { SearchField } from '@/ui/search-field'
import { openPane, usePane } from '../_frame/location'
import { openDialog } from '../_frame/open-dialog'
import { PresenceDot } from '../_frame/presence-dot'
import { ScreenHeader } from '../_frame/screen-header'
import { useMeId } from '../_frame/use-me-id'
import { ListFailed } from './list-failed'
import { ListSkeleton } from './list-skeleton'

function Note({ person }: { person: Person }) {
  const status = currentStatus(person, Date.now())
  return (
    <>
      @{person.handle}
      {status && (
        <>
          {' · '}
          {status.emoji} <bdi>{status.text}</bdi>
        </>
      )}
    </>
  )
}

/** Everybody in the workspace. */
export default function PeopleView() {
  const t = useTranslations('profiles')
  const app = useTranslations('app')
  const workspace = useCurrentWorkspace()
  const meId = useMeId()
  const pane = usePane()
  const [query, setQuery] = useState('')
  const search = useDebounced(query.trim())
  const { items, phase, error, hasMore, more, retry } = usePages(
    `${workspace?.id} ${search}`,
    async (last: Person | null) => {
      if (!workspace) return []
      const page = await listMembers(await getSupabase(), workspace.id, search, last?.handle)
      applyPeople(page)
      return page
    },
  )
  if (!workspace) return null
  const invite = workspace.role !== 'guest' && (
    <Button size="sm" onClick={() => openDialog({ name: 'invite' })}>
      <UserPlus size={15} aria-hidden />
      {app('invitePeople')}
    </Button>
  )
  return (
    <>
      <ScreenHeader title={t('people')} actions={invite} />
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="mx-auto w-full max-w-[46rem] px-4 py-5 md:px-6">
          <SearchField label={t('find')} value={query} onChange={setQuery} className="mb-3" />
          {phase === 'failed' && <ListFailed error={error} retry={retry} />}
          {phase === 'loading' && items.length === 0 && <ListSkeleton />}
          {phase === 'ready' && items.length === 0 && (
            <EmptyState
              icon={<UsersRound size={20} />}
              title={t('nobodyNamed', { query: search })}
              text={t('nobodyNamedText')}
              action={invite}
            />
          )}
          <ul className="-mx-3">
            {items.map((person) => (
              <li key={person.id}>
                <button
                  type="button"
                  onClick={() => openPane('person', person.id)}
                  aria-current={pane?.kind === 'person' && pane.id === person.id ? 'true' : undefined}
                  className="flex w-full rounded-card px-3 py-2 text-start hover:bg-fill aria-[current]:bg-fill"
                >
                  <PersonRow
                    person={person}
                    badge={<PresenceDot userId={person.id} />}
                    tag={
                      <>
                        {person.id === meId && <span className="text-quiet text-sm">{app('you')}</span>}
                        {person.deactivated_at && <Badge tone="warning">{t('deactivated')}</Badge>}
                        {person.role && person.role !== 'member' && (
                          <Badge>{app(`role_${person.role}`)}</Badge>
                        )}
                      </>
                    }
                    note={<Note person={person} />}
                  />
                </button>
              </li>
            ))}
          </ul>
          {hasMore && <LoadMore onMore={more} busy={phase === 'loading'} />}
        </div>
      </div>
    </>
  )
}
