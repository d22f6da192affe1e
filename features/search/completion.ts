/** A filter as it is offered: what is written, and which sentence explains it. */
export const FILTERS = [
  { insert: 'from:', key: 'from' },
  { insert: 'in:', key: 'in' },
  { insert: 'has:', key: 'has' },
  { insert: 'is:thread', key: 'isThread' },
  { insert: 'before:', key: 'before' },
  { insert: 'after:', key: 'after' },
  { insert: 'on:', key: 'on' },
] as const

export const VALUES = {
  has: ['link', 'file', 'reaction'],
  is: ['thread'],
  before: ['today', 'yesterday'],
  after: ['yesterday'],
  on: ['today', 'yesterday'],
} as const

/** What is being written at the caret. */
export type Typing = {
  /** Where it begins, after a minus. */
  start: number
  end: number
} & (
  | { kind: 'filter'; text: string }
  | { kind: 'person' | 'place'; text: string; filter: 'from' | 'in' }
  | { kind: 'value'; text: string; filter: keyof typeof VALUES }
)

/** The word that ends at the caret, if something can be offered for it. */
export function typingAt(text: string, caret: number): Typing | null {
  const before = text.slice(0, caret)
  // Inside of quotes a colon is a colon.
  if ((before.match(/"/g)?.length ?? 0) % 2 === 1) return null
  const word = /\S*$/.exec(before)?.[0] ?? ''
  const end = caret + (/^\S*/.exec(text.slice(caret))?.[0].length ?? 0)
  const start = caret - word.length + (word.startsWith('-') ? 1 : 0)
  const plain = word.replace(/^-/, '').toLowerCase()
  const [, filter, value = ''] = /^([a-z]+):(.*)$/.exec(plain) ?? []
  if (filter === undefined) return plain ? { kind: 'filter', text: plain, start, end } : null
  if (filter === 'from') return { kind: 'person', filter, text: value.replace(/^@/, ''), start, end }
  if (filter === 'in' && value.startsWith('@'))
    return { kind: 'person', filter, text: value.slice(1), start, end }
  if (filter === 'in') return { kind: 'place', filter, text: value.replace(/^#/, ''), start, end }
  if (filter in VALUES)
    return { kind: 'value', filter: filter as keyof typeof VALUES, text: value, start, end }
  return null
}

/** The text with what was chosen in place of what was written, and where the caret goes. */
export function complete(text: string, { start, end }: Pick<Typing, 'start' | 'end'>, insert: string) {
  // After a name alone comes its value.
  const written = insert.endsWith(':') ? insert : `${insert} `
  const rest = text.slice(end).replace(/^ /, '')
  return { text: text.slice(0, start) + written + rest, caret: start + written.length }
}
