import { expect, test } from 'vitest'
import { complete, typingAt } from './completion'

test.each([
  ['', null],
  ['plan ', null],
  ['pl', { kind: 'filter', text: 'pl', start: 0, end: 2 }],
  ['plan fr', { kind: 'filter', text: 'fr', start: 5, end: 7 }],
  ['plan -fr', { kind: 'filter', text: 'fr', start: 6, end: 8 }],
  ['from:', { kind: 'person', filter: 'from', text: '', start: 0, end: 5 }],
  ['from:@Gr', { kind: 'person', filter: 'from', text: 'gr', start: 0, end: 8 }],
  ['-in:#gen', { kind: 'place', filter: 'in', text: 'gen', start: 1, end: 8 }],
  ['in:@gr', { kind: 'person', filter: 'in', text: 'gr', start: 0, end: 6 }],
  ['has:l', { kind: 'value', filter: 'has', text: 'l', start: 0, end: 5 }],
  ['http://x', null],
  ['"from:', null],
])('at the end of "%s"', (text, expected) => {
  expect(typingAt(text, text.length)).toEqual(expected)
})

test('puts what was chosen in place of the word, and the caret behind it', () => {
  const text = 'plan fro deploy'
  const typing = typingAt(text, 7)
  expect(typing).toEqual({ kind: 'filter', text: 'fr', start: 5, end: 8 })
  expect(complete(text, { start: 5, end: 8 }, 'from:')).toEqual({ text: 'plan from:deploy', caret: 10 })
  expect(complete('from:@gr', { start: 0, end: 8 }, 'from:@grace')).toEqual({
    text: 'from:@grace ',
    caret: 12,
  })
  expect(complete('-in:ge x', { start: 1, end: 6 }, 'in:#general')).toEqual({
    text: '-in:#general x',
    caret: 13,
  })
})
