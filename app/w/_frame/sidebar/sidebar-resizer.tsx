'use client'

import type { KeyboardEvent, PointerEvent } from 'react'
import { useTranslations } from 'use-intl'
import { SIDEBAR } from './use-sidebar-width'

type Props = { width: number; onResize(width: number): void }

const STEP = 16

/** The edge between sidebar and screen: drag it, or move it with the arrow keys; a double click sets it back. */
export function SidebarResizer({ width, onResize }: Props) {
  const t = useTranslations('app')
  const drag = (event: PointerEvent<HTMLHRElement>) => {
    const edge = event.currentTarget
    const offset = event.clientX - width
    edge.setPointerCapture(event.pointerId)
    const move = (next: globalThis.PointerEvent) => onResize(next.clientX - offset)
    edge.addEventListener('pointermove', move)
    edge.addEventListener('lostpointercapture', () => edge.removeEventListener('pointermove', move), {
      once: true,
    })
  }
  const keys = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? STEP : event.key === 'ArrowLeft' ? -STEP : 0
    if (!step) return
    event.preventDefault()
    onResize(width + step)
  }
  return (
    <hr
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={t('resizeSidebar')}
      aria-valuenow={width}
      aria-valuemin={SIDEBAR.min}
      aria-valuemax={SIDEBAR.max}
      onPointerDown={drag}
      onKeyDown={keys}
      onDoubleClick={() => onResize(SIDEBAR.usual)}
      className="absolute inset-y-0 -end-1 z-10 hidden h-full w-2 cursor-col-resize touch-none border-0 after:absolute after:inset-y-0 after:start-1 after:w-px after:bg-line hover:after:w-0.5 hover:after:bg-accent focus-visible:outline-none focus-visible:after:w-0.5 focus-visible:after:bg-accent md:block"
    />
  )
}
