'use client'

import { clsx } from 'clsx'
import { useSyncExternalStore } from 'react'

type Props = { keys: string; inverted?: boolean }

const macSigns: Record<string, string> = { Mod: '⌘', Alt: '⌥', Shift: '⇧', Enter: '↩' }
const signs: Record<string, string> = { Mod: 'Ctrl', Up: '↑', Down: '↓', Enter: '↩' }

const never = () => () => {}
const isMac = () => /Mac|iPhone|iPad/.test(navigator.platform)

/** "Mod+Shift+K" in the signs of the person's own keyboard. */
export function Kbd({ keys, inverted }: Props) {
  const mac = useSyncExternalStore(never, isMac, () => false)
  const parts = keys.split('+').map((key) => (mac && macSigns[key]) || signs[key] || key)
  return (
    <kbd
      className={clsx(
        'inline-flex gap-0.5 whitespace-nowrap font-sans text-xs',
        inverted ? 'opacity-70' : 'text-quiet',
      )}
    >
      {mac ? parts.join('') : parts.join('+')}
    </kbd>
  )
}
