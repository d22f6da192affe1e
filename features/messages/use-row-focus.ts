'use client'

import { type FocusEvent, type KeyboardEvent, type RefObject, useLayoutEffect, useRef, useState } from 'react'
import type { Item } from './items'

type Options = {
  scroller: RefObject<HTMLElement | null>
  items: readonly Item[]
  goTo(key: string, align: 'nearest'): boolean
  /** Escape: back to where one writes. */
  leave(): void
}

const STEPS: Record<string, number> = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }

/** One row at a time can be reached by Tab; arrows, j and k move it. */
export function useRowFocus({ scroller, items, goTo, leave }: Options) {
  const [focused, setFocused] = useState<string | null>(null)
  const wanted = useRef<string | null>(null)
  const index = focused === null ? -1 : items.findIndex((item) => item.key === focused)
  const tabbable = index < 0 ? (items.at(-1)?.key ?? null) : focused

  // After every drawing: a row far away may only be there in the next one.
  useLayoutEffect(() => {
    const key = wanted.current
    if (key === null) return
    const row = scroller.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)
    if (!row) return
    wanted.current = null
    row.focus({ preventScroll: true })
  })

  const focus = (key: string) => {
    wanted.current = key
    goTo(key, 'nearest')
    setFocused(key)
  }

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const row = event.target as HTMLElement
    if (!row.dataset.key || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return
    if (event.key === 'Escape') {
      event.preventDefault()
      return leave()
    }
    const at = items.findIndex((item) => item.key === row.dataset.key)
    const ends: Record<string, number> = { Home: 0, End: items.length - 1 }
    const next = ends[event.key] ?? (event.key in STEPS ? at + (STEPS[event.key] ?? 0) : -1)
    const key = items[next]?.key
    if (event.key in STEPS || event.key in ends) event.preventDefault()
    if (key && key !== row.dataset.key) focus(key)
    else if (event.key in STEPS && next >= items.length) leave()
  }

  const onFocus = (event: FocusEvent<HTMLElement>) => {
    const key = (event.target as HTMLElement).closest<HTMLElement>('[data-key]')?.dataset.key
    if (key) setFocused(key)
  }

  return { tabbable, index, focus, onKeyDown, onFocus }
}
