'use client'

import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { Kbd } from './kbd'

const DELAY_MS = 450
/** Moving from one control to the next within this time shows the next tooltip at once. */
const WARM_MS = 400
const GAP = 6

type Shown = { target: HTMLElement; label: string; shortcut?: string; side: string }

function place(target: DOMRect, tip: DOMRect, side: string) {
  const centreX = target.left + target.width / 2 - tip.width / 2
  const centreY = target.top + target.height / 2 - tip.height / 2
  let left = side === 'right' ? target.right + GAP : side === 'left' ? target.left - tip.width - GAP : centreX
  let top = side === 'left' || side === 'right' ? centreY : target.top - tip.height - GAP
  if (side === 'bottom' || (side === 'top' && top < GAP)) top = target.bottom + GAP
  left = Math.max(GAP, Math.min(left, innerWidth - tip.width - GAP))
  top = Math.max(GAP, Math.min(top, innerHeight - tip.height - GAP))
  return { left, top }
}

function read(element: Element | null): Shown | null {
  const target = element?.closest<HTMLElement>('[data-tooltip]')
  const {
    tooltip: label,
    tooltipShortcut: shortcut,
    tooltipSide: side,
    tooltipWhenCut,
  } = target?.dataset ?? {}
  // What a control has opened lies where its tooltip would.
  if (!target || !label || target.closest('[aria-expanded="true"]')) return null
  if (tooltipWhenCut !== undefined) {
    const cut = target.querySelector<HTMLElement>('[data-cut]') ?? target
    if (cut.scrollWidth <= cut.clientWidth) return null
  }
  return { target, label, shortcut, side: side ?? 'top' }
}

/** Draws the tooltip of whatever has `data-tooltip` under the pointer or the keyboard's focus. */
export function TooltipLayer() {
  const [shown, setShown] = useState<Shown | null>(null)
  const box = useRef<HTMLDivElement>(null)

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let hiddenAt = 0
    let current: HTMLElement | null = null
    const hide = () => {
      clearTimeout(timer)
      if (current) hiddenAt = performance.now()
      current = null
      setShown(null)
    }
    const show = (next: Shown, delay: number) => {
      if (next.target === current) return
      clearTimeout(timer)
      const warm = performance.now() - hiddenAt < WARM_MS
      timer = setTimeout(
        () => {
          if (!next.target.isConnected || !read(next.target)) return
          current = next.target
          setShown(next)
        },
        warm ? 0 : delay,
      )
    }
    const over = (event: PointerEvent) => {
      if (event.pointerType === 'touch') return
      const next = read(event.target as Element)
      if (next) show(next, DELAY_MS)
      else hide()
    }
    const focus = (event: FocusEvent) => {
      const target = event.target as Element
      const next = target.matches(':focus-visible') ? read(target) : null
      if (next) show(next, DELAY_MS)
    }
    document.addEventListener('pointerover', over)
    document.addEventListener('focusin', focus)
    for (const type of ['focusout', 'pointerdown', 'keydown']) document.addEventListener(type, hide)
    document.addEventListener('scroll', hide, true)
    return () => {
      clearTimeout(timer)
      document.removeEventListener('pointerover', over)
      document.removeEventListener('focusin', focus)
      for (const type of ['focusout', 'pointerdown', 'keydown']) document.removeEventListener(type, hide)
      document.removeEventListener('scroll', hide, true)
    }
  }, [])

  useLayoutEffect(() => {
    const element = box.current
    if (!shown || !element) return
    const { left, top } = place(
      shown.target.getBoundingClientRect(),
      element.getBoundingClientRect(),
      shown.side,
    )
    element.style.translate = `${Math.round(left)}px ${Math.round(top)}px`
  }, [shown])

  if (!shown) return null
  return (
    <div
      ref={box}
      // What it says is already the control's accessible name or text.
      aria-hidden
      className="pointer-events-none fixed top-0 left-0 z-100 flex max-w-72 animate-appear items-center gap-2 rounded-control bg-ink px-2 py-1 text-ground text-xs"
    >
      <bdi className="break-words">{shown.label}</bdi>
      {shown.shortcut && <Kbd keys={shown.shortcut} inverted />}
    </div>
  )
}
