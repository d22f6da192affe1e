'use client'

import { Plus } from 'lucide-react'
import type { KeyboardEvent } from 'react'
import { useTranslations } from 'use-intl'
import { sidebarSections } from '@/features/channels/sections'
import { channels } from '@/features/channels/store'
import { useCurrentWorkspace } from '@/features/workspaces/store'
import { useStore } from '@/lib/store'
import { IconButton } from '@/ui/icon-button'
import { Menu } from '@/ui/menu'
import { useOpenChannel, useSlug, workspacePath } from '../location'
import { openDialog } from '../open-dialog'
import { SidebarSection } from './sidebar-section'

const joined = (ids: string[]) => ids.join(' ')
const split = (ids: string) => (ids ? ids.split(' ') : [])

/** Up and Down move along the rows; Tab enters the list at the open channel, or at the first rows, and leaves it. */
function walk(event: KeyboardEvent<HTMLElement>) {
  if (event.altKey || event.metaKey || event.ctrlKey) return
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
  if (!step) return
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row]')]
  const index = rows.indexOf(document.activeElement as HTMLElement)
  if (index === -1) return
  event.preventDefault()
  rows[Math.max(0, Math.min(rows.length - 1, index + step))]?.focus()
}

/** The conversations of the workspace. Order is kept as text, so a new message elsewhere redraws nothing here. */
export function ChannelNav() {
  const t = useTranslations('app')
  const slug = useSlug()
  const workspace = useCurrentWorkspace()
  const sections = useStore(channels, (state) => {
    const { starred, channels: named, directs } = sidebarSections(state.byId)
    return { starred: joined(starred), named: joined(named), directs: joined(directs) }
  })
  const starred = split(sections.starred)
  const named = split(sections.named)
  const directs = split(sections.directs)
  // Also a channel that somebody only looks at, or an old direct conversation, has no row.
  const entry = !useOpenChannel((open) => open !== null && [...starred, ...named, ...directs].includes(open))
  const guest = workspace?.role === 'guest'
  // Nobody to write to yet: the next thing to do is to invite somebody.
  const alone = !guest && workspace?.member_count === 1
  return (
    <nav
      aria-label={t('conversations')}
      onKeyDown={walk}
      className="min-h-0 flex-1 overflow-y-auto px-2 pb-4"
    >
      {starred.length > 0 && (
        <SidebarSection slug={slug} entry={entry} id="starred" title={t('starred')} ids={starred} />
      )}
      <SidebarSection
        slug={slug}
        entry={entry}
        id="channels"
        title={t('channels')}
        ids={named}
        empty={
          guest ? undefined : { text: t('addChannel'), onAct: () => openDialog({ name: 'create-channel' }) }
        }
        action={
          !guest && (
            <Menu
              label={t('addChannel')}
              items={[
                { label: t('createChannel'), onSelect: () => openDialog({ name: 'create-channel' }) },
                { label: t('browseChannels'), href: workspacePath(slug, 'browse') },
              ]}
              trigger={<IconButton size="xs" label={t('addChannel')} icon={<Plus size={16} />} />}
            />
          )
        }
      />
      <SidebarSection
        slug={slug}
        entry={entry}
        id="directs"
        title={t('directs')}
        ids={directs}
        empty={
          alone
            ? { text: t('invitePeople'), onAct: () => openDialog({ name: 'invite' }) }
            : { text: t('newMessage'), onAct: () => openDialog({ name: 'new-message' }) }
        }
        action={
          <IconButton
            size="xs"
            label={t('newMessage')}
            icon={<Plus size={16} />}
            onClick={() => openDialog({ name: 'new-message' })}
          />
        }
      />
    </nav>
  )
}
