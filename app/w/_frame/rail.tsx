'use client'

import { clsx } from 'clsx'
import { Plus } from 'lucide-react'
import { memo } from 'react'
import { useTranslations } from 'use-intl'
import type { Workspace } from '@/features/workspaces/schema'
import { useCurrentWorkspace, useWorkspaces } from '@/features/workspaces/store'
import { Avatar } from '@/ui/avatar'
import { Badge } from '@/ui/badge'
import { tooltip } from '@/ui/tooltip'
import { workspacePath } from './location'

function RailItem({ workspace, current }: { workspace: Workspace; current: boolean }) {
  const t = useTranslations('app')
  const { name, slug, icon, icon_url, id, mention_count: mentions, unread } = workspace
  return (
    <a
      href={workspacePath(slug)}
      aria-current={current ? 'true' : undefined}
      {...tooltip(name, { side: 'right' })}
      className="group relative flex rounded-card"
    >
      <span
        className={clsx(
          'absolute -start-3 inset-y-0 my-auto w-1 rounded-e-full bg-ink',
          current ? 'h-7' : unread ? 'h-2' : 'h-0',
        )}
      />
      <Avatar name={name} colorKey={id} src={icon_url} symbol={icon} shape="square" size={36} />
      <span className="sr-only">
        {name}
        {unread && !mentions && `, ${t('hasUnread')}`}
      </span>
      {mentions > 0 && !current && (
        <span className="absolute -end-2 -top-1.5 flex rounded-full ring-2 ring-sunken">
          <Badge tone="mention" label={t('mentions', { count: mentions })}>
            {Math.min(mentions, 99)}
          </Badge>
        </span>
      )}
    </a>
  )
}

/** One square per workspace; only there when there is something to switch. */
export const Rail = memo(function Rail({ className }: { className: string }) {
  const t = useTranslations('app')
  const list = useWorkspaces()
  const current = useCurrentWorkspace()
  return (
    <nav
      aria-label={t('workspaces')}
      className={clsx(
        'w-15 shrink-0 flex-col items-center gap-3 overflow-y-auto border-e bg-sunken py-2.5',
        className,
      )}
    >
      {list.map((workspace) => (
        <RailItem key={workspace.id} workspace={workspace} current={workspace.id === current?.id} />
      ))}
      <a
        href="/create-workspace"
        aria-label={t('createWorkspace')}
        {...tooltip(t('createWorkspace'), { side: 'right' })}
        className="grid size-9 place-items-center rounded-card text-quiet hover:bg-hover hover:text-ink"
      >
        <Plus size={18} />
      </a>
    </nav>
  )
})
