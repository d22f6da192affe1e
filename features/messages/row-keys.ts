import type { KeyboardEvent } from 'react'
import type { MessageActions } from './use-message-actions'

/** Single keys, only while the row itself has focus: E R T U L, Delete. */
export function rowKey(event: KeyboardEvent<HTMLElement>, actions: MessageActions): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.nativeEvent.isComposing) return
  const row = event.currentTarget
  const verbs: Record<string, (() => void) | undefined> = {
    e: actions.edit,
    r: () => row.querySelector<HTMLElement>('[data-action=react]')?.click(),
    t: actions.openThread,
    u: actions.markUnread,
    l: actions.copyLink,
    delete: actions.remove,
    enter: actions.openThread,
  }
  const verb = verbs[event.key.toLowerCase()]
  if (!verb) return
  event.preventDefault()
  event.stopPropagation()
  verb()
}
