import { expect, test } from 'vitest'
import { sends } from './send-key'
import {
  countCharacters,
  type Edit,
  fence,
  insideFence,
  isBlank,
  isUrl,
  link,
  toggleCode,
  toggleMark,
  togglePrefix,
} from './text-edits'
import { findTrigger } from './trigger'

/** `|` marks the ends of the selection. */
function run(marked: string, edit: (text: string, start: number, end: number) => Edit): string {
  const start = marked.indexOf('|')
  const end = marked.lastIndexOf('|') - (marked.lastIndexOf('|') > start ? 1 : 0)
  const text = marked.replaceAll('|', '')
  const { from, to, insert, select } = edit(text, start, end)
  const after = text.slice(0, from) + insert + text.slice(to)
  return `${after.slice(0, select[0])}|${after.slice(select[0], select[1])}|${after.slice(select[1])}`
}

test('marks go around the selection and away again', () => {
  const bold = (text: string, start: number, end: number) => toggleMark(text, start, end, '**')
  expect(run('a |b| c', bold)).toBe('a **|b|** c')
  expect(run('a **|b|** c', bold)).toBe('a |b| c')
  expect(run('a |**b**| c', bold)).toBe('a |b| c')
  expect(run('a |', bold)).toBe('a **||**')
})

test('lines are quoted and listed, and back', () => {
  const quote = (text: string, start: number, end: number) => togglePrefix(text, start, end, () => '> ')
  expect(run('one\n|two\nthree|', quote)).toBe('one\n|> two\n> three|')
  expect(run('|> two\n> three|', quote)).toBe('|two\nthree|')
  const numbers = (text: string, start: number, end: number) =>
    togglePrefix(text, start, end, (line) => `${line + 1}. `)
  expect(run('|a\nb|', numbers)).toBe('|1. a\n2. b|')
})

test('code in a line, a fence around lines', () => {
  expect(run('a |b| c', toggleCode)).toBe('a `|b|` c')
  expect(run('x |a\nb|', toggleCode)).toBe('x \n```\n|a\nb|\n```')
  expect(run('|', fence)).toBe('```\n||\n```')
})

test('an address pasted over words makes a link', () => {
  expect(run('see |this|', (text, start, end) => link(text, start, end, 'https://a.b'))).toBe(
    'see [this](https://a.b)||',
  )
  expect(run('see |this|', (text, start, end) => link(text, start, end))).toBe('see [this](||)')
  expect(isUrl('https://example.org/a?b')).toBe(true)
  expect(isUrl('two https://a.b')).toBe(false)
})

test('knows an open fence', () => {
  expect(insideFence('```ts\nconst a', 12)).toBe(true)
  expect(insideFence('```\na\n```\nb', 11)).toBe(false)
})

test('what nobody can see is blank', () => {
  for (const blank of ['', ' \n\t', '\u200b\u2060', '\u3164', '\u2800', '\u202e', '\ufeff\u00ad'])
    expect(isBlank(blank), JSON.stringify(blank)).toBe(true)
  for (const seen of ['a', '👍', '.', 'ا']) expect(isBlank(seen), seen).toBe(false)
  expect(countCharacters('👍👍', 1)).toBe(2)
})

const enter = {
  key: 'Enter',
  shiftKey: false,
  altKey: false,
  ctrlKey: false,
  metaKey: false,
  isComposing: false,
  keyCode: 13,
}
const desk = { sendWith: 'enter', touch: false, fenced: false } as const

test('Enter sends; not with Shift, in a fence, on touch, or while an input method composes', () => {
  expect(sends(enter, desk)).toBe(true)
  expect(sends({ ...enter, shiftKey: true }, desk)).toBe(false)
  expect(sends(enter, { ...desk, fenced: true })).toBe(false)
  expect(sends({ ...enter, ctrlKey: true }, { ...desk, fenced: true })).toBe(true)
  expect(sends(enter, { ...desk, touch: true })).toBe(false)
  expect(sends({ ...enter, isComposing: true }, desk)).toBe(false)
  expect(sends({ ...enter, keyCode: 229 }, desk)).toBe(false)
  expect(sends(enter, { ...desk, sendWith: 'mod-enter' })).toBe(false)
  expect(sends({ ...enter, metaKey: true }, { ...desk, sendWith: 'mod-enter' })).toBe(true)
})

test('completes what begins a word', () => {
  expect(findTrigger('hi @ad', 6)).toEqual({ sigil: '@', query: 'ad', from: 3 })
  expect(findTrigger('@', 1)).toEqual({ sigil: '@', query: '', from: 0 })
  expect(findTrigger('see #gen', 8)).toEqual({ sigil: '#', query: 'gen', from: 4 })
  expect(findTrigger(':ta', 3)).toEqual({ sigil: ':', query: 'ta', from: 0 })
  for (const none of ['a@b', ':)', ':a', 'at 10:30', 'x', '# title '])
    expect(findTrigger(none, none.length), none).toBeNull()
})
