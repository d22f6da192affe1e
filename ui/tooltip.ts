type Options = {
  shortcut?: string
  side?: 'top' | 'bottom' | 'left' | 'right'
  /** Show it only when the element's text does not fit. */
  whenCut?: boolean
}

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
