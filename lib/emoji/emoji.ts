import { once } from '@/lib/once'
import { createStore } from '@/lib/store'

export type Emoji = { emoji: string; names: string[]; tags: string[]; category: string }

type Table = {
  all: readonly Emoji[]
  byName: ReadonlyMap<string, string>
  nameOf: ReadonlyMap<string, string>
}

/** Known from the start: the handful that most people use. The whole table comes when somebody asks for it. */
const COMMON: [emoji: string, ...names: string[]][] = [
  ['👍', '+1', 'thumbsup'],
  ['👎', '-1', 'thumbsdown'],
  ['❤️', 'heart'],
  ['😂', 'joy'],
  ['😄', 'smile'],
  ['🎉', 'tada'],
  ['🙏', 'pray'],
  ['👀', 'eyes'],
  ['🔥', 'fire'],
  ['✅', 'white_check_mark'],
  ['🚀', 'rocket'],
  ['👏', 'clap'],
  ['💯', '100'],
  ['🤔', 'thinking'],
  ['😅', 'sweat_smile'],
  ['🙌', 'raised_hands'],
]

/** The first choices of a picker. */
export const COMMON_EMOJI: readonly string[] = COMMON.map(([emoji]) => emoji)

const known = COMMON.map(([emoji, ...names]) => ({ emoji, names, tags: [], category: '' }))

/** What is known of emoji now; watched, so that text is drawn again when the whole table arrives. */
export const emojiTable = createStore<Table>(index(known))

const loadTable = once(async () => emojiTable.set(index((await import('gemoji')).gemoji)))

/** Loads all emoji with their names, once. */
export const loadEmoji = (): Promise<void> => loadTable().catch(() => {})

/** Emoji whose name or tag begins with, or else contains, the words; best first. */
export function searchEmoji(table: Table, query: string, limit: number): Emoji[] {
  const words = query.toLowerCase().replace(/[\s-]+/g, '_')
  const scored: [score: number, emoji: Emoji][] = []
  for (const item of table.all) {
    const score = Math.min(
      ...item.names.map((name) => rank(name, words)),
      ...item.tags.map((tag) => rank(tag, words) + 2),
    )
    if (score < 5) scored.push([score, item])
  }
  return scored
    .sort((a, b) => a[0] - b[0])
    .slice(0, limit)
    .map(([, item]) => item)
}

/** `:name:` written out as emoji, outside of code. Unknown names stay. */
export function replaceShortcodes(text: string, table: Table): string {
  return text
    .split(/(```[\s\S]*?(?:```|$)|`[^`\n]*`)/)
    .map((part, i) =>
      i % 2
        ? part
        : part.replace(
            /(?<![\w:]):([a-z0-9_+-]{1,40}):(?![\w])/g,
            (whole, name) => table.byName.get(name) ?? whole,
          ),
    )
    .join('')
}

const segments = typeof Intl.Segmenter === 'function' ? new Intl.Segmenter() : null
/** Not the letter that is an emoji itself. */
const LETTER = /(?!\u2139)\p{L}/u
const PICTURE = /\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|[0-9#*]\ufe0f?\u20e3/u

/** Up to a dozen emoji and nothing else: drawn large. */
export function isOnlyEmoji(text: string): boolean {
  const compact = text.replace(/\s+/g, '')
  // Most texts have a letter near their beginning: what follows takes much longer to say no.
  if (!compact || compact.length > 120 || LETTER.test(compact) || !segments) return false
  const parts = [...segments.segment(compact)]
  return (
    parts.length <= 12 && parts.every(({ segment }) => PICTURE.test(segment) && !/^[0-9#*]$/.test(segment))
  )
}

function rank(name: string, words: string): number {
  if (name === words) return 0
  if (name.startsWith(words)) return 1
  return name.includes(words) ? 2.5 : 9
}

function index(all: readonly Emoji[]): Table {
  const byName = new Map<string, string>()
  const nameOf = new Map<string, string>()
  for (const item of all) {
    nameOf.set(item.emoji, item.names[0] ?? '')
    for (const name of item.names) byName.set(name, item.emoji)
  }
  return { all, byName, nameOf }
}
