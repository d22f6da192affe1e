export type KeyLike = {
  key: string
  shiftKey: boolean
  altKey: boolean
  ctrlKey: boolean
  metaKey: boolean
  isComposing: boolean
  /** 229 is what Safari says while an input method is at work. */
  keyCode: number
}

type Situation = { sendWith: 'enter' | 'mod-enter'; touch: boolean; fenced: boolean }

/** Whether this key sends. Never while an input method composes; on touch screens Enter is a new line. */
export function sends(event: KeyLike, { sendWith, touch, fenced }: Situation): boolean {
  if (event.key !== 'Enter' || event.isComposing || event.keyCode === 229) return false
  if (event.ctrlKey || event.metaKey) return !event.shiftKey && !event.altKey
  if (event.shiftKey || event.altKey) return false
  return sendWith === 'enter' && !touch && !fenced
}
