import { periodOf } from './period'

/** A word, a phrase, or the beginning of a word. */
export type Term = { text: string; prefix?: true; not?: true }

export const HAS = ['link', 'file', 'reaction'] as const
export type Has = (typeof HAS)[number]

/** What somebody looks for, as `search_messages` takes it. */
export type SearchQuery = {
  terms: Term[]
  from: string[]
  notFrom: string[]
  /** "#channel" or "@person"; null: everywhere. */
  in: string[] | null
  notIn: string[]
  since: Date | null
  until: Date | null
  has: Has[]
  hasNot: Has[]
  inThread: boolean | null
}

export type Reader = { handle: string; now: Date }

/** The server refuses more. */
const MOST = 20
const LONGEST = 200

// A minus, a name with a colon and its value, or only something in quotes or up to the next space.
const PART =
  /(?<minus>-?)(?:(?<name>[a-z]+):(?:"(?<quotedValue>[^"]*)(?:"|$)|(?<value>[^\s"]*))|"(?<phrase>[^"]*)(?:"|$)|(?<word>[^\s"]+))/giu

/**
 * Takes a search apart: `from:@ada in:#general before:2026-03-01 "exact phrase" -without wor*`. What is no filter that is
 * known is a word like any other. Somebody may still be typing: the last word goes on, and a filter without a value says nothing.
 */
export function parseQuery(text: string, reader: Reader): SearchQuery {
  const query: SearchQuery = {
    terms: [],
    from: [],
    notFrom: [],
    in: null,
    notIn: [],
    since: null,
    until: null,
    has: [],
    hasNot: [],
    inThread: null,
  }
  for (const part of text.matchAll(PART)) {
    const { minus, name, quotedValue, value, phrase } = part.groups as Record<string, string | undefined>
    const not = minus === '-'
    const filter = quotedValue ?? value ?? ''
    if (name && applyFilter(query, name.toLowerCase(), filter, not, reader)) continue
    const plain = quotedValue === undefined && phrase === undefined
    const isLast = part.index + part[0].length === text.length
    const word = plain ? part[0].slice(not ? 1 : 0) : name ? `${name}:${filter}` : (phrase ?? '')
    addTerm(query, word, { not, prefix: plain && (word.endsWith('*') || (isLast && !not)) })
  }
  return query
}

function addTerm(query: SearchQuery, word: string, { not, prefix }: { not: boolean; prefix: boolean }) {
  // Half of a sign, which the cut may leave, and NUL are no text to the database: it would refuse the whole search.
  const text = word
    .replace(/\*+$/, '')
    .slice(0, LONGEST)
    .replace(/\p{Cs}/gu, ' ')
    .replaceAll('\0', ' ')
  // Signs alone are in no message, as far as the index knows.
  if (!/[\p{L}\p{N}]/u.test(text) || query.terms.length === MOST) return
  query.terms.push({ text, ...(prefix ? { prefix } : {}), ...(not ? { not } : {}) })
}

/** False: this is no filter, and its text is searched for. */
function applyFilter(query: SearchQuery, name: string, value: string, not: boolean, reader: Reader): boolean {
  const wanted = value.toLowerCase()
  switch (name) {
    case 'from': {
      const handle = wanted.replace(/^@/, '')
      if (handle) addTo(not ? query.notFrom : query.from, handle === 'me' ? reader.handle : handle)
      return true
    }
    case 'in': {
      const place = wanted === '@me' ? `@${reader.handle}` : wanted
      if (!place.replace(/^[#@]/, '')) return true
      if (!not) query.in ??= []
      addTo(not ? query.notIn : (query.in as string[]), /^[#@]/.test(place) ? place : `#${place}`)
      return true
    }
    case 'has': {
      const kind = HAS.find((known) => known === wanted || `${known}s` === wanted)
      if (kind) addTo(not ? query.hasNot : query.has, kind)
      return kind !== undefined || value === ''
    }
    case 'is':
      if (wanted === 'thread') query.inThread = !not
      return wanted === 'thread' || value === ''
    case 'before':
    case 'after':
    case 'on':
      return value === '' || applyTime(query, name, wanted, not, reader.now)
    default:
      return false
  }
}

function applyTime(
  query: SearchQuery,
  name: 'before' | 'after' | 'on',
  value: string,
  not: boolean,
  now: Date,
) {
  const period = periodOf(value, now)
  // Everything but one day would be two searches.
  if (!period || (name === 'on' && not)) return false
  const { start, end } = period
  if (name === 'on') narrow(query, start, end)
  else if (name === 'before') not ? narrow(query, start, null) : narrow(query, null, start)
  else not ? narrow(query, null, end) : narrow(query, end, null)
  return true
}

function narrow(query: SearchQuery, since: Date | null, until: Date | null) {
  if (since && (!query.since || since > query.since)) query.since = since
  if (until && (!query.until || until < query.until)) query.until = until
}

function addTo<T>(list: T[], value: T) {
  if (!list.includes(value) && list.length < MOST) list.push(value)
}

/** Nothing that the server could look for. */
export function isEmptyQuery(query: SearchQuery): boolean {
  const { terms, from, notFrom, notIn, has, hasNot, since, until, inThread } = query
  const lists = [terms, from, notFrom, query.in ?? [], notIn, has, hasNot]
  return lists.every((list) => list.length === 0) && !since && !until && inThread === null
}
