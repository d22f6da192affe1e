'use client'

import { clsx } from 'clsx'
import { Search, TextSearch } from 'lucide-react'
import { memo } from 'react'
import { useTranslations } from 'use-intl'
import { IconButton } from '@/ui/icon-button'
import { Kbd } from '@/ui/kbd'
import { openDialog } from '../open-dialog'
import { openSearch } from '../open-search'
import { ChannelNav } from './channel-nav'
import { SidebarResizer } from './sidebar-resizer'
import { UserBar } from './user-bar'
import { WorkspaceBar } from './workspace-bar'

type Props = { className: string; width: number; onResize(width: number): void }

/** Of a change of the channel only its list of channels knows. */
export const Sidebar = memo(function Sidebar({ className, width, onResize }: Props) {
  const t = useTranslations('app')
  return (
    <section
      data-region
      aria-label={t('sidebar')}
      className={clsx('relative min-h-0 min-w-0 shrink-0 flex-col bg-sunken', className)}
    >
      <WorkspaceBar />
      <div className="mb-2 flex items-center gap-1 ps-3 pe-2">
        <button
          type="button"
          onClick={() => openDialog({ name: 'switcher' })}
          className="flex h-8 min-w-0 flex-1 items-center gap-2 rounded-control border bg-ground px-2.5 text-quiet text-sm hover:border-line-hover pointer-coarse:h-11"
        >
          <Search size={15} aria-hidden />
          <span className="flex-1 text-start">{t('jumpTo')}</span>
          <span className="pointer-coarse:hidden">
            <Kbd keys="Mod+K" />
          </span>
        </button>
        <IconButton
          label={t('search')}
          shortcut="Mod+G"
          icon={<TextSearch size={17} />}
          onClick={() => openSearch()}
        />
      </div>
      <ChannelNav />
      <UserBar />
      <SidebarResizer width={width} onResize={onResize} />
    </section>
  )
})
