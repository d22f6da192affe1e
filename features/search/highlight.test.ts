import { expect, test } from 'vitest'
import { highlight } from './highlight'
import type { Term } from './query'

const marked = (text: string, ...terms: Term[]) =>
  highlight(text, terms)
    .map((piece) => (piece.hit ? `[${piece.text}]` : piece.text))
    .join('')

test.each<[string, Term[], string]>([
  ['The plan, and a plant', [{ text: 'plan' }], 'The [plan], and a plant'],
  ['The plan, and a plant', [{ text: 'plan', prefix: true }], 'The [plan], and a [plan]t'],
  ['Viele Grüße aus Łódź', [{ text: 'grusse' }, { text: 'LODZ' }], 'Viele [Grüße] aus [Łódź]'],
  ['an exact  phrase. exact', [{ text: 'exact phrase' }], 'an [exact phrase]. exact'],
  ['see 10.0.0.1 and foo_bar', [{ text: '10.0.0.1' }, { text: 'foo bar' }], 'see [10.0.0.1] and [foo_bar]'],
  ['私は東京都に住む', [{ text: '東京' }], '私は[東京]都に住む'],
  ['not this', [{ text: 'this', not: true }], 'not this'],
  ['to be', [{ text: 'to', prefix: true }], '[to] be'],
  ['today', [{ text: 'to', prefix: true }], 'today'],
  ['🚀 launch 👩‍👩‍👧 launch', [{ text: 'launch' }], '🚀 [launch] 👩‍👩‍👧 [launch]'],
  ['a b', [], 'a b'],
])('%s', (text, terms, expected) => {
  expect(marked(text, ...terms)).toBe(expected)
})

test('shows what is around the first hit of a long text', () => {
  const text = `${'before '.repeat(100)}needle ${'after '.repeat(100)}`
  const pieces = highlight(text, [{ text: 'needle' }])
  const shown = pieces.map((piece) => piece.text).join('')
  expect(shown.length).toBeLessThan(300)
  expect(shown).toMatch(/^…before .*needle after.*…$/)
  expect(pieces.filter(({ hit }) => hit)).toEqual([{ text: 'needle', hit: true }])
})
