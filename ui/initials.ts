import { BoundedMap } from '@/lib/bounded-map'

/** Hues that stay apart from each other and from the red, green and amber that mean something. */
const HUES = [222, 250, 282, 310, 338, 12, 48, 100, 128, 172, 192, 206]

/** The same hue for the same key, on every screen. */
export function hueOf(key: string) {
  let hash = 2166136261
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 16777619)
  return HUES[(hash >>> 0) % HUES.length] ?? 222
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
const first = (word: string) => graphemes.segment(word)[Symbol.iterator]().next().value?.segment ?? ''

const known = new BoundedMap<string, string>(1_000)

/** "Ada Lovelace" → "AL", "grace" → "G", "山田 太郎" → "山": at most two letters, whole characters only. */
export function initials(name: string, most: 1 | 2 = 2): string {
  const key = most + name
  const before = known.get(key)
  if (before !== undefined) return before
  const fresh = findInitials(name, most)
  known.set(key, fresh)
  return fresh
}

function findInitials(name: string, most: 1 | 2) {
  const words = name.split(/[\s._-]+/u).filter((word) => /[\p{L}\p{N}]/u.test(word))
  const a = first(words[0] ?? name.trim())
  const last = words.length > 1 ? words.at(-1) : undefined
  const single =
    most === 1 || !last || /\p{Script=Han}|\p{Script=Hangul}|\p{Script=Arabic}|\p{Script=Hebrew}/u.test(a)
  return (single ? a : a + first(last)).toLocaleUpperCase()
}
