import { expect, test } from 'vitest'
import { parseMarkdown } from './parse'
import { safeLink } from './safe-link'

const types = (text: string) =>
  parseMarkdown(text).flatMap((token) => token.children?.map((child) => child.type) ?? [token.type])

test('names and emoji are tokens of their own, inside words they are text', () => {
  expect(types('hi @ada.l, see #general :tada:')).toEqual([
    'paragraph_open',
    'text',
    'reference',
    'text',
    'reference',
    'text',
    'emoji',
    'paragraph_close',
  ])
  expect(types('a@b #! 10:30:45 x#y')).not.toContain('reference')
  expect(types('`@ada :tada:`')).not.toContain('reference')
})

test('a name does not take the full stop after it', () => {
  const inline = parseMarkdown('ask @ada.')[1]
  expect(inline?.children?.map((token) => token.content)).toEqual(['ask ', 'ada', '.'])
})

test('only addresses that open something are links', () => {
  for (const bad of [
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'java\nscript:alert(1)',
    '\u0001javascript:alert(1)',
    'data:text/html,<script>',
    'vbscript:x',
    'file:///etc/passwd',
    'blob:https://x',
    'https://bank.example@evil.example/',
    '/relative',
    '//evil.example',
    'intent://x',
  ]) {
    expect(safeLink(bad), bad).toBeNull()
  }
  expect(safeLink('https://example.org/a?b=c')).toBe('https://example.org/a?b=c')
  expect(safeLink('mailto:ada@example.org')).toBe('mailto:ada@example.org')
})

test('no text takes long: 100 kB of anything hostile', () => {
  const n = 100_000
  const attacks = [
    '>',
    '> ',
    '[',
    '[](',
    '[a](',
    '**__',
    '*a ',
    'a**b',
    '_a',
    '`',
    'a@',
    'a@a.',
    'http://',
    ':a',
    '- ',
    '|a',
    '~~a',
    '<',
    '<a:',
    'a\n',
    '```\n',
    '\\',
    '@',
    '#',
    'mailto:',
    '//a.',
    '[a](<b',
    '![[',
    '*_',
    '> - ',
    '1) ',
    'a.com/',
    'a.',
    'a.com ',
    '&#35;',
    '\t',
    ' ',
    'lorem ipsum ',
  ]
  parseMarkdown('warm *up* [a](https://b.example) @c :d: `e`')
  for (const part of attacks) {
    const text = part.repeat(Math.ceil(n / part.length))
    const times = [0, 1, 2].map((round) => {
      const start = process.cpuUsage()
      parseMarkdown(`${text}${round}`)
      const { user, system } = process.cpuUsage(start)
      return (user + system) / 1_000
    })
    // Processor time in milliseconds, and the best of three: this machine may be busy with something else.
    expect(Math.min(...times), JSON.stringify(part)).toBeLessThan(50)
  }
  const table = `|a|b|\n|-|-|\n${'|x|y|\n'.repeat(20_000)}`
  expect(parseMarkdown(table)).toHaveLength(3)
})

test('much code in a fence is still code', () => {
  const code = 'const a = [b["c"] * d_e] // `f`\n'.repeat(1_000)
  expect(types(`\`\`\`ts\n${code}\`\`\``)).toEqual(['fence'])
})
