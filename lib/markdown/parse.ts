import MarkdownIt, { type Token } from 'markdown-it'
import { BoundedMap } from '../bounded-map'
import { emoji, reference } from './rules'
import { safeLink } from './safe-link'

/** More markup than this outside of code is an attack or an accident: it is shown as it was written. */
const MAX_MARKS = 3_000
const MAX_NESTING = 12

const parser = new MarkdownIt('default', { html: false, linkify: true, breaks: true })
parser.options.maxNesting = MAX_NESTING
// Not of use in a chat, or surprising there: text over "---" turning into a heading, indented text into code,
// "&amp;" into "&", pictures from elsewhere that tell their server who reads.
parser.disable(['image', 'reference', 'lheading', 'code', 'entity', 'html_block', 'html_inline'], true)
parser.validateLink = (href) => safeLink(href) !== null
// An address is followed as `safeLink` writes it, and shown as it was typed.
parser.normalizeLink = (href) => href
parser.normalizeLinkText = (text) => text
parser.inline.ruler.push('reference', reference)
parser.inline.ruler.push('emoji', emoji)

const cache = new BoundedMap<string, readonly Token[]>(600)

/** The tokens of a text. The same text is parsed once; no text takes more than linear time. */
export function parseMarkdown(text: string): readonly Token[] {
  const known = cache.get(text)
  if (known) return known
  const tokens = countMarks(text) > MAX_MARKS ? plain(text) : parser.parse(text, {})
  cache.set(text, tokens)
  return tokens
}

const MARK = /[*_~`[\]()|>:@#<\\!&/-]/

/** Characters that may mean something, outside of fenced code. */
function countMarks(text: string): number {
  let count = 0
  let fenced = false
  for (const line of text.split('\n')) {
    if (/^ {0,3}(```|~~~)/.test(line)) {
      fenced = !fenced
      count++
      continue
    }
    if (fenced) continue
    count++
    for (let i = 0; i < line.length; i++) if (MARK.test(line.charAt(i))) count++
    if (count > MAX_MARKS) return count
  }
  return count
}

/** One paragraph that says what was written. */
function plain(text: string): Token[] {
  const inline = parser.parseInline('', {})[0] as Token
  const TokenClass = inline.constructor as new (type: string, tag: string, nesting: -1 | 0 | 1) => Token
  const content = new TokenClass('text', '', 0)
  content.content = text
  inline.children = [content]
  const open = new TokenClass('paragraph_open', 'p', 1)
  return [open, inline, new TokenClass('paragraph_close', 'p', -1)]
}
