import type { Token } from 'markdown-it'
import { parseMarkdown } from '@/lib/markdown/parse'

/** More is not looked at: as far as the index goes. */
const MOST = 10_000

/** What a message says, without the signs of markdown. */
export const plainText = (body: string): string => textOf(parseMarkdown(body.slice(0, MOST)))

function textOf(tokens: readonly Token[]): string {
  return tokens
    .map((token) => {
      switch (token.type) {
        case 'inline':
          return textOf(token.children ?? [])
        case 'reference':
          return token.markup + token.content
        case 'emoji':
          return `:${token.content}:`
        case 'softbreak':
        case 'hardbreak':
        case 'th_close':
        case 'td_close':
          return ' '
        default:
          // Blocks end as lines do.
          return token.content || (token.block && token.nesting === -1 ? '\n' : '')
      }
    })
    .join('')
}
