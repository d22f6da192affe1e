'use client'

import { clsx } from 'clsx'
import { ChevronRight, Plus } from 'lucide-react'
import { type ReactNode, useId, useState } from 'react'
import { ChannelRow } from './channel-row'

type Props = {
  id: string
  title: string
  ids: string[]
  slug: string
  /** Whether Tab enters at the first row: none of any section is open. */
  entry: boolean
  action?: ReactNode
  empty?: { text: string; onAct(): void }
}

const key = (id: string) => `collapsed-${id}`

/** Collapsed, it still shows the open channel and what is unread. */
export function SidebarSection({ id, title, ids, slug, entry, action, empty }: Props) {
  const list = useId()
  const [collapsed, setCollapsed] = useState(() => globalThis.localStorage?.getItem(key(id)) === '1')
  const toggle = () => {
    setCollapsed(!collapsed)
    localStorage.setItem(key(id), collapsed ? '0' : '1')
  }
  return (
    <section aria-label={title} className="mt-3 first:mt-1">
      <div className="flex h-7 items-center gap-1 pe-1">
        <button
          type="button"
          aria-expanded={!collapsed}
          aria-controls={list}
          onClick={toggle}
          className="flex h-7 min-w-0 flex-1 items-center gap-1 rounded-control px-1 text-start font-medium text-quiet text-sm hover:text-ink"
        >
          <ChevronRight size={14} aria-hidden className={clsx('shrink-0', !collapsed && 'rotate-90')} />
          <span className="truncate">{title}</span>
        </button>
        {action}
      </div>
      <ul id={list}>
        {ids.map((channelId, index) => (
          <ChannelRow
            key={channelId}
            id={channelId}
            slug={slug}
            entry={entry && index === 0}
            onlyIfUnread={collapsed}
          />
        ))}
        {ids.length === 0 && empty && !collapsed && (
          <li>
            <button
              type="button"
              data-row
              onClick={empty.onAct}
              className="flex h-7.5 w-full items-center gap-2 rounded-control px-2 text-nav text-quiet hover:bg-hover hover:text-ink pointer-coarse:h-11"
            >
              <Plus size={16} aria-hidden className="shrink-0" />
              {empty.text}
            </button>
          </li>
        )}
      </ul>
    </section>
  )
}
