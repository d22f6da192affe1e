import { cloneElement, type ReactElement } from 'react'

type Options = {
  shortcut?: string
  side?: 'top' | 'bottom' | 'left' | 'right'
  /** Show it only when the element's text does not fit. */
  whenCut?: boolean
}
type Props = Options & { label: string; children: ReactElement<Record<string, unknown>> }

/**
 * The attributes the one `TooltipLayer` at the root reads. A tooltip costs an attribute, not a component with
 * listeners, so a row in a long list can have ten of them.
 */
export function tooltip(label: string, { shortcut, side, whenCut }: Options = {}) {
  return {
    'data-tooltip': label,
    'data-tooltip-shortcut': shortcut,
    'data-tooltip-side': side,
    'data-tooltip-when-cut': whenCut ? '' : undefined,
  }
}

/** Adds a tooltip to its one child. The child still needs an accessible name of its own. */
export function Tooltip({ label, children, ...options }: Props) {
  return cloneElement(children, tooltip(label, options))
}
