'use client'

import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react'
import type { VirtualizerHandle } from 'virtua'
import { HEAD_ROWS, keepMeasured } from './beginning'
import type { Item } from './items'
import { rememberedPlace, rememberPlace } from './scroll-memory'
import { useLatest } from './use-latest'

/** Closer to the newest message than this, the list follows what arrives. */
const FOLLOW_PX = 100
const LOAD_PX = 900

type Options = {
  scroller: RefObject<HTMLElement | null>
  list: RefObject<VirtualizerHandle | null>
  items: readonly Item[]
  /** Under this name the place is remembered when the list goes away. */
  name: string
  hasBefore: boolean
  hasAfter: boolean
  load(side: 'before' | 'after'): void
  /** Where to begin when nothing is remembered. */
  startKey: string | null
  target: { key: string } | null
  onAtBottom(atBottom: boolean): void
  /** Index of the row under the "New" line; -1 without one. */
  newIndex: number
  /** The first rows stand where they belong as soon as they are drawn. */
  known: boolean
}

/** Keeps the reader's place: at the bottom when they are there, exactly where they read when they are not. */
export function useTimelineScroll(options: Options) {
  const { scroller, list, items, hasAfter, target, name, newIndex, known } = options
  const load = useLatest(options.load)
  const follow = useRef(false)
  const lastOffset = useRef(0)
  const placed = useRef(false)
  const revealed = useRef(known)
  /** Nothing is loaded before the first place is reached: the way there passes the top. */
  const settled = useRef(false)
  const latest = useRef(options)
  latest.current = options
  const [atBottom, setAtBottom] = useState(true)
  const [newAbove, setNewAbove] = useState(false)
  const [shown, setShown] = useState(known)

  const toBottom = useCallback(() => {
    const element = scroller.current
    if (element) element.scrollTop = element.scrollHeight
  }, [scroller])

  const followNow = useCallback(() => {
    follow.current = true
    toBottom()
  }, [toBottom])

  /** Shown in the frame that is being made; the state follows. */
  const reveal = useCallback(() => {
    if (revealed.current) return
    revealed.current = true
    if (scroller.current) scroller.current.style.visibility = 'visible'
    setShown(true)
  }, [scroller])

  const lookForNew = useCallback(() => {
    const { newIndex } = latest.current
    // Without a line the place is not asked for: the page would be laid out to answer.
    if (newIndex < 0) return setNewAbove(false)
    const top = (list.current?.findItemIndex(scroller.current?.scrollTop ?? 0) ?? 0) - HEAD_ROWS
    setNewAbove(newIndex < top)
  }, [scroller, list])

  // biome-ignore lint/correctness/useExhaustiveDependencies: the line moves
  useLayoutEffect(lookForNew, [lookForNew, newIndex])

  const look = useCallback(() => {
    const element = scroller.current
    const handle = list.current
    if (!element || !handle) return
    const current = latest.current
    const offset = element.scrollTop
    const below = element.scrollHeight - element.clientHeight - offset
    if (below <= FOLLOW_PX && !current.hasAfter) follow.current = true
    else if (offset < lastOffset.current - 1) follow.current = false
    lastOffset.current = offset
    setAtBottom(follow.current)
    current.onAtBottom(follow.current)
    lookForNew()
    if (!settled.current) return
    if (offset < LOAD_PX && current.hasBefore) load('before')
    if (below < LOAD_PX && current.hasAfter) load('after')
  }, [scroller, list, load, lookForNew])

  const goTo = useCallback(
    (key: string, align: 'center' | 'start' | 'nearest', offset = 0) => {
      const index = latest.current.items.findIndex((item) => item.key === key)
      if (index < 0) return false
      follow.current = false
      list.current?.scrollToIndex(index + HEAD_ROWS, { align, offset })
      return true
    },
    [list],
  )

  // The first place: what a link points at, where the reader was, the first unread message, or the newest.
  useLayoutEffect(() => {
    if (placed.current) return
    if (!items.length) return reveal()
    placed.current = true
    const place = rememberedPlace(name)
    const { startKey } = latest.current
    const go = () =>
      (target !== null && goTo(target.key, 'center')) ||
      (!target && place !== null && goTo(place.key, 'start', place.offset)) ||
      (!target && startKey !== null && goTo(startKey, 'start', -64))
    const followsNewest = !go()
    const settle = () => {
      if (followsNewest) followNow()
      else go()
    }
    settle()
    // Rows are measured in the first frames; they are shown when they stand where they belong.
    requestAnimationFrame(() => {
      settle()
      requestAnimationFrame(() => {
        settled.current = true
        reveal()
        look()
      })
    })
  }, [items, name, target, goTo, followNow, look, reveal])

  // biome-ignore lint/correctness/useExhaustiveDependencies: every change of the rows may move the bottom
  useLayoutEffect(() => {
    if (placed.current && follow.current && !hasAfter) toBottom()
  }, [items, hasAfter, toBottom])

  useLayoutEffect(() => {
    if (placed.current && target) goTo(target.key, 'center')
  }, [target, goTo])

  useLayoutEffect(() => {
    return () => {
      const handle = list.current
      const { items: rows } = latest.current
      if (!handle || !placed.current || !rows.length) return
      // As it was seen last: to ask now would lay out a page that is about to change.
      const top = lastOffset.current
      const index = Math.max(HEAD_ROWS, handle.findItemIndex(top))
      const key = rows[index - HEAD_ROWS]?.key
      const offset = top - handle.getItemOffset(index)
      rememberPlace(name, follow.current || !key ? null : { key, offset })
      keepMeasured(name, rows, handle)
    }
  }, [list, name])

  const onResize = useCallback(() => {
    if (follow.current && !latest.current.hasAfter) {
      toBottom()
      // Measured from the foot up, the newest rows stand where they belong at once.
      if (placed.current) reveal()
    }
    look()
  }, [toBottom, look, reveal])

  return {
    atBottom: atBottom && !hasAfter,
    newAbove,
    shown,
    onScroll: look,
    onResize,
    goTo,
    toBottom: followNow,
  }
}
