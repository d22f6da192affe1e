export type Sigil = '@' | '#' | ':'

/** What is being typed that can be completed, and where it begins. */
export type Trigger = { sigil: Sigil; query: string; from: number }

const LONGEST = 40

/** Looks back from the caret for `@na`, `#ge` or `:ta`, begun at the start of a word. */
export function findTrigger(text: string, caret: number): Trigger | null {
  const before = text.slice(Math.max(0, caret - LONGEST), caret)
  const found = /(?:^|[\s(["'])([@#:])([\p{L}\p{N}._+-]*)$/u.exec(before)
  if (!found) return null
  const sigil = found[1] as Sigil
  const query = found[2] ?? ''
  // Two characters: ":)" and "10:30" are no emoji.
  if (sigil === ':' && (query.length < 2 || /^[0-9]/.test(query))) return null
  return { sigil, query, from: caret - query.length - 1 }
}
