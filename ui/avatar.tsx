'use client'

import { clsx } from 'clsx'
import { type CSSProperties, type ReactNode, useState } from 'react'
import { hueOf, initials } from './initials'

type Props = {
  name: string
  /** What the colour is derived from: an id, so that a new name keeps the colour. */
  colorKey?: string
  src?: string | null
  /** Drawn instead of initials: an emoji. */
  symbol?: string | null
  size?: number
  shape?: 'round' | 'square'
  /** Sits on the lower right corner: a presence dot. */
  badge?: ReactNode
  className?: string
}

/** Decoration beside a name: the name itself is always written next to it, so it is hidden from screen readers. */
export function Avatar({ name, colorKey, src, symbol, size = 36, shape = 'round', badge, className }: Props) {
  const [broken, setBroken] = useState<string | null>(null)
  const image = src && src !== broken ? src : null
  const radius = shape === 'round' ? '50%' : size >= 40 ? 10 : 6
  const style = {
    width: size,
    height: size,
    borderRadius: radius,
    fontSize: Math.round(size * (symbol ? 0.56 : size < 22 ? 0.58 : 0.4)),
    '--avatar-hue': hueOf(colorKey ?? name),
    background: symbol ? 'var(--n-4)' : 'oklch(from var(--avatar-ground) l c var(--avatar-hue))',
    color: 'oklch(from var(--avatar-ink) l c var(--avatar-hue))',
  } as CSSProperties
  return (
    <span className={clsx('relative inline-flex shrink-0 select-none', className)} aria-hidden>
      <span className="grid place-items-center overflow-hidden font-semibold leading-none" style={style}>
        {image ? (
          // biome-ignore lint/performance/noImgElement: avatars are small files of this installation, already sized
          <img
            src={image}
            alt=""
            width={size}
            height={size}
            loading="lazy"
            decoding="async"
            onError={() => setBroken(image)}
            className="size-full object-cover"
          />
        ) : (
          symbol || initials(name, size < 22 ? 1 : 2)
        )}
      </span>
      {badge && <span className="absolute -end-0.5 -bottom-0.5 flex">{badge}</span>}
    </span>
  )
}
