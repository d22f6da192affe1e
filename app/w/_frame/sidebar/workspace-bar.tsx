'use client'

import { ChevronDown, Plus, Settings, SquarePen, UserPlus, Users } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { isAdmin } from '@/features/workspaces/schema'
import { useCurrentWorkspace } from '@/features/workspaces/store'
import { Avatar } from '@/ui/avatar'
import { IconButton } from '@/ui/icon-button'
import { Menu, type MenuEntry } from '@/ui/menu'
import { Name } from '@/ui/name'
import { workspacePath } from '../location'
import { openDialog } from '../open-dialog'

/** Which workspace this is, what can be done with it, and the way to a new message. */
export function WorkspaceBar() {
  const t = useTranslations('app')
  const workspace = useCurrentWorkspace()
  if (!workspace) return <div className="h-13" />
  const { name, slug, icon, icon_url, id, role } = workspace
  const admin: MenuEntry[] = isAdmin(role)
    ? [
        {
          label: t('invitePeople'),
          icon: <UserPlus size={16} />,
          onSelect: () => openDialog({ name: 'invite' }),
        },
        { label: t('settings'), icon: <Settings size={16} />, href: workspacePath(slug, 'settings') },
      ]
    : []
  const items: MenuEntry[] = [
    ...admin,
    { label: t('people'), icon: <Users size={16} />, href: workspacePath(slug, 'people') },
    { kind: 'separator' },
    { label: t('createWorkspace'), icon: <Plus size={16} />, href: '/create-workspace' },
  ]
  return (
    <header className="flex h-13 shrink-0 items-center gap-1 ps-2.5 pe-2">
      <Menu
        label={t('workspaceMenu')}
        items={items}
        trigger={
          <button
            type="button"
            className="flex h-9 min-w-0 flex-1 items-center gap-2 rounded-control px-1.5 text-start hover:bg-hover aria-expanded:bg-hover pointer-coarse:h-11"
          >
            <Avatar name={name} colorKey={id} src={icon_url} symbol={icon} shape="square" size={24} />
            <Name className="font-semibold text-base">{name}</Name>
            <ChevronDown size={15} aria-hidden className="shrink-0 text-quiet" />
          </button>
        }
      />
      <IconButton
        label={t('newMessage')}
        icon={<SquarePen size={17} />}
        onClick={() => openDialog({ name: 'new-message' })}
      />
    </header>
  )
}
