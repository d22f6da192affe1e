'use client'

import { Ellipsis } from 'lucide-react'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { PersonRow } from '@/features/profiles/person-row'
import { listMembers } from '@/features/profiles/queries'
import type { Person } from '@/features/profiles/schema'
import { applyPeople } from '@/features/profiles/store'
import { mayHelpIn, setMemberRole } from '@/features/workspaces/mutations'
import { isAdmin, type Workspace, type WorkspaceRole } from '@/features/workspaces/schema'
import { applyWorkspace } from '@/features/workspaces/store'
import { useErrorText } from '@/lib/error-text'
import { getSupabase } from '@/lib/supabase/client'
import { useDebounced } from '@/lib/use-debounced'
import { usePages } from '@/lib/use-pages'
import { Badge } from '@/ui/badge'
import { IconButton } from '@/ui/icon-button'
import { LoadMore } from '@/ui/load-more'
import { Menu, type MenuEntry } from '@/ui/menu'
import { SearchField } from '@/ui/search-field'
import { SegmentedControl } from '@/ui/segmented-control'
import { showToast } from '@/ui/toast'
import { openPane } from '../_frame/location'
import { PresenceDot } from '../_frame/presence-dot'
import { useMeId } from '../_frame/use-me-id'
import { ListFailed } from './list-failed'
import { ListSkeleton } from './list-skeleton'
import { type MemberAction, MemberActionDialog } from './member-action'

/** What the database lets me give: owners any role, admins those of members and guests. */
function rolesToGive(mine: WorkspaceRole, theirs: WorkspaceRole): WorkspaceRole[] {
  if (mine === 'owner') return ['owner', 'admin', 'member', 'guest']
  return mine === 'admin' && (theirs === 'member' || theirs === 'guest') ? ['member', 'guest'] : []
}

/** Everybody with their role; whoever may, changes it here. */
export function MemberList({ workspace }: { workspace: Workspace }) {
  const t = useTranslations('settings')
  const app = useTranslations('app')
  const errorText = useErrorText()
  const meId = useMeId()
  const [query, setQuery] = useState('')
  const [shown, setShown] = useState<'everybody' | 'deactivated'>('everybody')
  const [action, setAction] = useState<MemberAction | null>(null)
  const [mayHelp, setMayHelp] = useState<Record<string, boolean>>({})
  const search = useDebounced(query.trim())
  const { items, phase, error, hasMore, more, retry, update } = usePages(
    `${workspace.id} ${search}`,
    async (last: Person | null) => listMembers(await getSupabase(), workspace.id, search, last?.handle),
  )

  const change = async (person: Person, role: WorkspaceRole) => {
    try {
      await setMemberRole(await getSupabase(), workspace.id, person.id, role)
      update((list) => list.map((item) => (item.id === person.id ? { ...item, role } : item)))
      applyPeople([{ id: person.id, role }])
      if (person.id === meId) applyWorkspace({ id: workspace.id, role })
    } catch (reason) {
      showToast(errorText(reason))
    }
  }
  const changed = (person: Person, change: Partial<Person> | null) => {
    if (change) {
      update((list) => list.map((item) => (item.id === person.id ? { ...item, ...change } : item)))
      return applyPeople([{ id: person.id, ...change }])
    }
    update((list) => list.filter((item) => item.id !== person.id))
    applyWorkspace({ id: workspace.id, member_count: Math.max(0, (workspace.member_count ?? 1) - 1) })
  }
  const askWhetherIMayHelp = async (id: string) => {
    if (mayHelp[id] !== undefined || id === meId) return
    const may = await mayHelpIn(await getSupabase(), id).catch(() => false)
    setMayHelp((known) => ({ ...known, [id]: may }))
  }
  const entries = (person: Person): MenuEntry[] => {
    const theirs = person.role ?? 'member'
    const roles = rolesToGive(workspace.role, theirs)
    if (roles.length === 0) return []
    const act = (kind: MemberAction['kind']) => () => setAction({ kind, person })
    const items: MenuEntry[] = person.deactivated_at
      ? []
      : roles.map((role) => ({
          label: app(`role_${role}`),
          note: t(`roleNote_${role}`),
          checked: role === theirs,
          onSelect: () => role !== theirs && change(person, role),
        }))
    if (person.id === meId) return items
    // Until the server has said whether I may, they are there and wait.
    const help: MenuEntry[] =
      mayHelp[person.id] === false || person.deactivated_at
        ? []
        : [
            { label: t('reset-link'), disabled: !mayHelp[person.id], onSelect: act('reset-link') },
            { label: t('two-factor'), disabled: !mayHelp[person.id], onSelect: act('two-factor') },
            { kind: 'separator' },
          ]
    return [
      ...items,
      ...(items.length > 0 ? [{ kind: 'separator' } as const] : []),
      ...help,
      person.deactivated_at
        ? { label: t('reactivate'), onSelect: act('reactivate') }
        : { label: t('deactivate'), danger: true, onSelect: act('deactivate') },
      { label: t('remove'), danger: true, onSelect: act('remove') },
    ]
  }

  const visible = shown === 'deactivated' ? items.filter((person) => person.deactivated_at) : items
  return (
    <>
      <div className="mb-3 flex flex-wrap gap-3">
        <SearchField label={t('findMember')} value={query} onChange={setQuery} className="min-w-56 flex-1" />
        {isAdmin(workspace.role) && (
          <SegmentedControl
            label={t('show')}
            value={shown}
            onChange={setShown}
            className="self-center"
            options={[
              { value: 'everybody', label: t('everybody') },
              { value: 'deactivated', label: t('deactivated') },
            ]}
          />
        )}
      </div>
      {phase === 'failed' && <ListFailed error={error} retry={retry} />}
      {phase === 'loading' && items.length === 0 && <ListSkeleton />}
      {phase === 'ready' && visible.length === 0 && !hasMore && (
        <p className="py-8 text-center text-quiet">
          {shown === 'deactivated' ? t('nobodyDeactivated') : app('nobodyFound')}
        </p>
      )}
      <ul className="-mx-3">
        {visible.map((person) => {
          const menu = isAdmin(workspace.role) ? entries(person) : []
          return (
            <li key={person.id} className="flex items-center gap-3 rounded-card px-3 py-2 hover:bg-fill">
              <button
                type="button"
                onClick={() => openPane('person', person.id)}
                className="flex min-w-0 flex-1 text-start"
              >
                <PersonRow
                  person={person}
                  badge={<PresenceDot userId={person.id} />}
                  tag={person.id === meId && <span className="text-quiet text-sm">{app('you')}</span>}
                />
              </button>
              {person.deactivated_at && <Badge tone="warning">{t('deactivated')}</Badge>}
              <Badge tone={person.role === 'owner' ? 'accent' : 'neutral'}>
                {app(`role_${person.role ?? 'member'}`)}
              </Badge>
              {menu.length > 0 ? (
                <Menu
                  label={t('changeRole', { name: person.display_name })}
                  align="end"
                  items={menu}
                  onOpenChange={(open) => open && askWhetherIMayHelp(person.id)}
                  trigger={
                    <IconButton
                      size="sm"
                      label={t('changeRole', { name: person.display_name })}
                      icon={<Ellipsis size={17} />}
                    />
                  }
                />
              ) : (
                <span className="size-7" />
              )}
            </li>
          )
        })}
      </ul>
      {hasMore && <LoadMore onMore={more} busy={phase === 'loading'} />}
      {action && (
        <MemberActionDialog
          workspace={workspace}
          action={action}
          onChanged={changed}
          onClose={() => setAction(null)}
        />
      )}
    </>
  )
}
