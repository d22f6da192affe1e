import { fold, UNSPACED } from './fold'
import type { Term } from './query'

/** A piece of a text; `hit`: this was looked for. */
export type Piece = { text: string; hit: boolean }

type Span = { from: number; to: number }

/** Where the terms stand in a text, in order and apart from each other. */
function findTerms(value: string, terms: readonly Term[]): Span[] {
  const { text, places } = fold(value)
  const spans: Span[] = []
  for (const term of terms) {
    const wanted = fold(term.text).text.trim()
    if (!wanted || term.not) continue
    for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + 1)) {
      const end = at + wanted.length
      if (!begins(text, at) || !(isPrefix(term, wanted) || begins(text, end))) continue
      spans.push({ from: places[at] ?? 0, to: places[end] ?? value.length })
    }
  }
  spans.sort((a, b) => a.from - b.from || b.to - a.to)
  return spans.reduce<Span[]>((apart, span) => {
    const last = apart.at(-1)
    if (last && span.from <= last.to) last.to = Math.max(last.to, span.to)
    else apart.push({ ...span })
    return apart
  }, [])
}

// Beginnings of two letters are words to the server.
const isPrefix = (term: Term, wanted: string) =>
  term.prefix === true && (wanted.split(' ').at(-1)?.length ?? 0) > 2

/** Between words, or where words have no borders. */
function begins(text: string, at: number): boolean {
  const before = text.charAt(at - 1)
  const after = text.charAt(at)
  return !before || !after || before === ' ' || after === ' ' || UNSPACED.test(before) || UNSPACED.test(after)
}

const LEAD = 60

/** About `length` characters of a text around the first thing that was looked for, in pieces. */
export function highlight(value: string, terms: readonly Term[], length = 280): Piece[] {
  const text = value.replace(/\s+/gu, ' ').trim()
  const spans = findTerms(text, terms)
  const first = spans[0]?.from ?? 0
  const start = first > LEAD && text.length > length ? wordStart(text, first - LEAD) : 0
  const end = Math.min(text.length, start + length)
  const pieces: Piece[] = []
  const add = (from: number, to: number, hit: boolean) => {
    if (to > from) pieces.push({ text: text.slice(from, to), hit })
  }
  if (start > 0) pieces.push({ text: '…', hit: false })
  let place = start
  for (const { from, to } of spans) {
    if (from >= end) break
    // The space after a word is not part of it.
    const until = Math.min(from + text.slice(from, to).trimEnd().length, end)
    add(place, from, false)
    add(from, until, true)
    place = until
  }
  add(place, end, false)
  if (end < text.length) pieces.push({ text: '…', hit: false })
  return pieces
}

/** Just after a space near by, so that no word and no sign is cut. */
function wordStart(text: string, near: number): number {
  const space = text.indexOf(' ', near)
  return space === -1 || space > near + LEAD ? near : space + 1
}
