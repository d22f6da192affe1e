import type { ChannelChanges, Message } from './schema'
import { applyChanges, type ChannelWindow, EMPTY_WINDOW, isUnconfirmed } from './window'

/** The newest part of a timeline as it is kept between visits: never with a hole, never the middle of history. */
export type KeptWindow = { cursor: number; rows: readonly Message[]; hasBefore: boolean }

const KEEP_ROWS = 200

/** What of a window is worth keeping; null where it does not reach the present. What only was drawn is asked for again. */
export function keepWindow(window: ChannelWindow): KeptWindow | null {
  if (!window.loaded || window.hasAfter || !window.isMember) return null
  const cut = window.rows.length > KEEP_ROWS
  const rows = cut ? window.rows.slice(-KEEP_ROWS) : window.rows
  const drawn = rows.filter(isUnconfirmed)
  return {
    cursor: Math.min(window.cursor, ...drawn.map(({ rev }) => rev - 1)),
    rows: drawn.length ? rows.map((row) => (drawn.includes(row) ? { ...row, rev: 0 } : row)) : rows,
    hasBefore: window.hasBefore || cut,
  }
}

/** A window from what was kept. It may be drawn at once; what changed since is asked for by its cursor. */
export function restoreWindow(kept: KeptWindow): ChannelWindow {
  return { ...EMPTY_WINDOW, ...kept, loaded: true, restored: true }
}

/** What was kept with everything that changed since; null when a fresh page is needed. */
export function updateKept(kept: KeptWindow, changes: ChannelChanges): KeptWindow | null {
  if (changes.has_more || changes.min_rev > kept.cursor) return null
  return keepWindow(applyChanges(restoreWindow(kept), changes.messages, changes.rev))
}
