'use client'

import type { KeyboardEvent } from 'react'
import type { Emoji } from '@/lib/emoji/emoji'
import { tooltip } from './tooltip'

type Props = { title: string; emoji: readonly Emoji[]; onPick(emoji: string): void }

const COLUMNS = 8
const STEPS: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS }

/** One block of emoji; the arrow keys move through it. */
export function EmojiGrid({ title, emoji, onPick }: Props) {
  const move = (event: KeyboardEvent<HTMLDivElement>) => {
    const step = STEPS[event.key]
    if (!step) return
    const buttons = [...event.currentTarget.querySelectorAll('button')]
    const next = buttons[buttons.indexOf(event.target as HTMLButtonElement) + step]
    if (!next) return
    event.preventDefault()
    next.focus()
  }
  return (
    // Blocks that are scrolled out of sight are not laid out: all of them together are two thousand buttons.
    <section className="[contain-intrinsic-size:auto_12rem] [content-visibility:auto]">
      {title && <h3 className="px-1 pt-2 pb-1 font-medium text-quiet text-xs">{title}</h3>}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the keys belong to the buttons inside */}
      <div className="grid grid-cols-8" onKeyDown={move}>
        {emoji.map((item) => (
          <button
            key={item.emoji}
            type="button"
            aria-label={item.names[0]?.replaceAll('_', ' ')}
            {...tooltip(`:${item.names[0]}:`)}
            onClick={() => onPick(item.emoji)}
            className="grid size-9 place-items-center rounded-control text-[1.25rem] leading-none hover:bg-hover focus-visible:bg-hover"
          >
            {item.emoji}
          </button>
        ))}
      </div>
    </section>
  )
}
