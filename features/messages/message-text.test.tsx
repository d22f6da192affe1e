// @vitest-environment jsdom
import { cleanup, render, waitFor } from '@testing-library/react'
import { IntlProvider } from 'use-intl'
import { afterEach, expect, test, vi } from 'vitest'
import messages from '@/locales/en.json'
import { type MessageHost, MessageHostProvider } from './host'
import { MessageText } from './message-text'

afterEach(cleanup)

const ada = { id: 'u1', display_name: 'Ada Lovelace', handle: 'ada' }
const host = {
  me: 'u2',
  usePerson: () => null,
  usePeople: (ids: string[]) => (ids.includes('u1') ? [ada] : []),
  useChannelLink: (name: string) => (name === 'general' ? '/w/acme/c/1' : null),
  openPerson: vi.fn(),
} as unknown as MessageHost

function draw(body: string, mentions: string[] = [], mentionsAll = false) {
  const view = render(
    <IntlProvider locale="en" messages={messages}>
      <MessageHostProvider host={host}>
        <MessageText body={body} mentions={mentions} mentionsAll={mentionsAll} />
      </MessageHostProvider>
    </IntlProvider>,
  )
  return view.container
}

test('draws what people write', () => {
  const box = draw('**bold** _em_ ~~gone~~ `code`\nsecond line\n\n> quote\n\n1. one\n2. two\n\n- a\n- b')
  for (const tag of ['strong', 'em', 's', 'code', 'br', 'blockquote', 'ol', 'ul']) {
    expect(box.querySelector(tag), tag).not.toBeNull()
  }
})

test('code keeps its language and its text', () => {
  const box = draw('```ts\nconst a = "<b>"\n```')
  expect(box.querySelector('pre')?.textContent).toBe('const a = "<b>"')
  expect(box.textContent).toContain('ts')
})

test('code is coloured in the language that it names, and every letter of it stays', async () => {
  const [named, unnamed, unknown] = ['```TS', '```', '```klingon'].map((fence) =>
    draw(`${fence}\nconst a = "<b>"\n\`\`\``),
  )
  const keyword = () => named?.querySelector('.hljs-keyword')?.textContent
  await waitFor(() => expect(keyword()).toBe('const'), { timeout: 10_000 })
  for (const box of [named, unnamed, unknown]) {
    expect(box?.querySelector('pre')?.textContent).toBe('const a = "<b>"')
  }
  expect([unnamed, unknown].map((box) => box?.querySelector('[class*=hljs]'))).toEqual([null, null])
  // What is drawn from then on is coloured in the first place.
  expect(draw('```ts\nlet b\n```').querySelector('.hljs-keyword')?.textContent).toBe('let')
})

test('mentions show the name of who is mentioned, and only then', () => {
  expect(draw('hi @ada', ['u1']).textContent).toBe('hi @Ada Lovelace')
  cleanup()
  expect(draw('hi @ada').querySelector('button')).toBeNull()
  cleanup()
  expect(draw('@channel look', [], true).querySelector('mark')).not.toBeNull()
  expect(draw('see #general and #nowhere').querySelectorAll('a')).toHaveLength(1)
})

test('links to elsewhere open in a tab that knows nothing of this one', () => {
  const link = draw('https://example.org/x and [text](https://example.org)').querySelector('a')
  expect(link?.getAttribute('rel')).toBe('noopener noreferrer nofollow')
  expect(link?.getAttribute('target')).toBe('_blank')
})

test('nothing in a message becomes markup or runs', () => {
  const attacks = [
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<svg/onload=alert(1)>',
    '[x](javascript:alert(1))',
    '[x](JaVaScRiPt:alert(1))',
    '[x](java\nscript:alert(1))',
    '[x](&#106;avascript:alert(1))',
    '[x](data:text/html;base64,PHNjcmlwdD4=)',
    '[x](vbscript:msgbox(1))',
    '<javascript:alert(1)>',
    '![x](https://evil.example/track.png)',
    '![x](x "onerror=alert(1)")',
    '[x]: javascript:alert(1)\n\n[x]',
    '```"><img src=x onerror=alert(1)>\ncode\n```',
    '```ts" onclick="alert(1)\ncode\n```',
    '|<img src=x onerror=alert(1)>|\n|-|\n|<script>|',
    '`<script>`',
    '**<iframe src=//evil>**',
    '[**<b onmouseover=alert(1)>**](https://a.b/"onclick=alert(1))',
    '@<script>',
    '#<script>',
    ':<script>:',
    'https://a.b/"><script>alert(1)</script>',
    '<a href="javascript:alert(1)">x</a>',
    '\u202ehttps://evil.example\u202c',
    '[https://bank.example](https://bank.example@evil.example)',
  ]
  const allowed = new Set(
    'div p span br strong em s code pre a ul ol li blockquote table thead tbody tr th td hr mark button svg path rect bdi'.split(
      ' ',
    ),
  )
  for (const attack of attacks) {
    const box = draw(attack)
    for (const node of box.querySelectorAll('*')) {
      expect(allowed.has(node.localName), `${attack} → <${node.localName}>`).toBe(true)
      for (const { name, value } of node.attributes) {
        expect(name.startsWith('on'), `${attack} → ${name}`).toBe(false)
        if (name === 'href') expect(value, attack).toMatch(/^(https?:\/\/|mailto:)/)
        expect(name === 'src' || name === 'srcdoc', attack).toBe(false)
      }
    }
    cleanup()
  }
})
