'use client'

import { clsx } from 'clsx'
import { type ReactNode, startTransition, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { Virtualizer, type VirtualizerHandle } from 'virtua'
import { whenIdle } from '@/lib/idle'
import { beginTimeline, HEAD_ROWS } from './beginning'
import type { Item } from './items'
import { JumpButton } from './jump-button'
import { MessageRow } from './message-row'
import { UnreadPill } from './unread-pill'
import { useLatest } from './use-latest'
import { usePrepended } from './use-prepended'
import { useRowFocus } from './use-row-focus'
import { useTimelineScroll } from './use-timeline-scroll'

export type TimelineProps = {
  /** Remembers the reader's place under this name. */
  name: string
  items: readonly Item[]
  /** Few rows stand at the top instead of at the foot. */
  top?: boolean
  /** Above the first row: the beginning of the channel, or what stands for the messages still to come. */
  head: ReactNode
  hasBefore: boolean
  hasAfter: boolean
  loading: boolean
  load(side: 'before' | 'after'): void
  /** To the newest message, loading it when it is not here. */
  jumpToLatest(): Promise<void>
  startKey: string | null
  target: { key: string } | null
  highlighted: string | null
  /** Counts what was sent here: each one goes to the newest message. */
  follow: number
  editing: string | null
  setEditing(key: string | null): void
  onAtBottom(atBottom: boolean): void
  leave(): void
  /** Pill above, when the "New" line is out of sight. */
  unread?: { count: number; since: string | null; markRead(): void; openFar?: () => void } | null
}

/** More than a page key moves at once: what comes into view is measured already. */
const BUFFER_PX = 800
/** Until a timeline is to be seen, every row outside of the window is one that its reader waits for. */
const FIRST_BUFFER_PX = 300
const WIDEN_MS = 500

/** The messages of a channel or a thread: only what is near the window is in the page. */
export function Timeline(props: TimelineProps) {
  const { items, head, setEditing, follow, unread } = props
  const jumpToLatest = useLatest(props.jumpToLatest)
  const t = useTranslations('messages')
  const scroller = useRef<HTMLDivElement>(null)
  const list = useRef<VirtualizerHandle>(null)
  const shift = usePrepended(items)
  const newIndex = useMemo(() => items.findIndex((item) => item.isNew), [items])
  const [begin] = useState(() => beginTimeline(props))
  const scroll = useTimelineScroll({ scroller, list, ...props, newIndex, known: begin.known })
  const { toBottom, shown } = scroll
  const [wide, setWide] = useState(false)
  // In slices, and given up for whoever goes on to the next channel.
  useEffect(
    () => (shown ? whenIdle(() => startTransition(() => setWide(true)), WIDEN_MS) : undefined),
    [shown],
  )
  const rows = useRowFocus({ scroller, items, goTo: scroll.goTo, leave: props.leave })
  const editingIndex = items.findIndex((item) => item.key === props.editing)
  const keep = useMemo(
    () => [
      ...(wide ? [] : begin.first),
      ...[rows.index, editingIndex].filter((index) => index >= 0).map((index) => index + HEAD_ROWS),
    ],
    [wide, begin, rows.index, editingIndex],
  )
  // The head is a row of the list: what is above the first message scrolls and is measured with it.
  const data = useMemo(() => [null, ...items], [items])
  const jump = useCallback(async () => {
    await jumpToLatest()
    toBottom()
  }, [jumpToLatest, toBottom])
  useEffect(() => {
    if (follow > 0) void jump()
  }, [follow, jump])
  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={scroller}
        // Not a feed, which may own nothing but articles. Silent: what is new is announced once, elsewhere.
        role="log"
        aria-live="off"
        aria-label={t('timeline')}
        aria-busy={props.loading}
        onKeyDown={rows.onKeyDown}
        onFocus={rows.onFocus}
        // The list holds the place itself; two of them would fight.
        style={{ overflowAnchor: 'none', visibility: scroll.shown ? 'visible' : 'hidden' }}
        className={clsx(
          'absolute inset-0 flex flex-col overflow-y-auto overflow-x-hidden overscroll-contain',
          // The list takes the pointer from all rows while it scrolls, which has the style of each made again. Its way to
          // the first place is no scrolling, and neither is to follow what arrives.
          (!wide || scroll.atBottom) && '*:pointer-events-auto!',
        )}
      >
        {!props.top && <div className="min-h-0 flex-1" />}
        <Virtualizer
          ref={list}
          data={data}
          scrollRef={scroller}
          cache={begin.cache}
          itemSize={begin.usual}
          shift={shift}
          keepMounted={keep}
          bufferSize={wide ? BUFFER_PX : FIRST_BUFFER_PX}
          onScroll={scroll.onScroll}
          onResize={scroll.onResize}
        >
          {(item: Item | null) =>
            item ? (
              <MessageRow
                key={item.key}
                item={item}
                tabbable={item.key === rows.tabbable}
                highlighted={item.key === props.highlighted}
                editing={item.key === props.editing}
                setEditing={setEditing}
              />
            ) : (
              <div key="head">{head}</div>
            )
          }
        </Virtualizer>
        <div className="h-4 shrink-0" />
      </div>
      {unread && (unread.openFar || scroll.newAbove) && (
        <UnreadPill
          {...unread}
          onJump={unread.openFar ?? (() => scroll.goTo(items[newIndex]?.key ?? '', 'start', -64))}
        />
      )}
      {scroll.shown && !scroll.atBottom && <JumpButton items={items} onJump={jump} />}
    </div>
  )
}
