import { describe, expect, test } from 'vitest'
import { isEmptyQuery, parseQuery, type SearchQuery } from './query'

const reader = { handle: 'ada', now: new Date(2026, 2, 10, 15, 30) }
const parse = (text: string) => parseQuery(text, reader)
const nothing: SearchQuery = {
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

describe('words', () => {
  test.each([
    ['deploy plan', [{ text: 'deploy' }, { text: 'plan', prefix: true }]],
    ['deploy plan ', [{ text: 'deploy' }, { text: 'plan' }]],
    ['wor* plan ', [{ text: 'wor', prefix: true }, { text: 'plan' }]],
    ['"exact phrase"', [{ text: 'exact phrase' }]],
    ['"still typ', [{ text: 'still typ' }]],
    [
      '-draft plan',
      [
        { text: 'draft', not: true },
        { text: 'plan', prefix: true },
      ],
    ],
    ['plan -draft', [{ text: 'plan' }, { text: 'draft', not: true }]],
    ['plan -"not this"', [{ text: 'plan' }, { text: 'not this', not: true }]],
    ['10.0.0.1 foo-bar ', [{ text: '10.0.0.1' }, { text: 'foo-bar' }]],
    ['https://example.com/a?b=c ', [{ text: 'https://example.com/a?b=c' }]],
    ['@grace #general ', [{ text: '@grace' }, { text: '#general' }]],
    ['東京', [{ text: '東京', prefix: true }]],
    ['Grüße', [{ text: 'Grüße', prefix: true }]],
    ['- * :) "" ', []],
    ['', []],
  ])('%s', (text, terms) => {
    expect(parse(text)).toEqual({ ...nothing, terms })
  })

  test('have an end', () => {
    expect(parse('a '.repeat(50)).terms).toHaveLength(20)
    expect(parse(`${'x'.repeat(5000)} `).terms).toEqual([{ text: 'x'.repeat(200) }])
    // Never half of a sign, nor NUL: the database takes neither.
    expect(parse(`x${'𝒳'.repeat(200)} a\0b `).terms).toEqual([
      { text: `x${'𝒳'.repeat(99)} ` },
      { text: 'a b' },
    ])
  })
})

describe('filters', () => {
  test.each<[string, Partial<SearchQuery>]>([
    ['from:@Grace', { from: ['grace'] }],
    ['from:me -from:alan', { from: ['ada'], notFrom: ['alan'] }],
    ['in:#general in:random in:@grace', { in: ['#general', '#random', '@grace'] }],
    ['-in:#noise in:@me', { notIn: ['#noise'], in: ['@ada'] }],
    ['has:link has:files -has:reaction', { has: ['link', 'file'], hasNot: ['reaction'] }],
    ['is:thread', { inThread: true }],
    ['-is:thread', { inThread: false }],
    ['FROM:"grace"', { from: ['grace'] }],
    ['from: in: has: before: is:', {}],
    ['from:@ in:#', {}],
    ['before:2026-03-01', { until: new Date(2026, 2, 1) }],
    ['after:2026-03-01', { since: new Date(2026, 2, 2) }],
    ['on:2026-03-01', { since: new Date(2026, 2, 1), until: new Date(2026, 2, 2) }],
    ['on:today', { since: new Date(2026, 2, 10), until: new Date(2026, 2, 11) }],
    ['on:yesterday', { since: new Date(2026, 2, 9), until: new Date(2026, 2, 10) }],
    ['on:2026-02', { since: new Date(2026, 1, 1), until: new Date(2026, 2, 1) }],
    ['after:2025', { since: new Date(2026, 0, 1) }],
    ['-before:today', { since: new Date(2026, 2, 10) }],
    ['-after:yesterday', { until: new Date(2026, 2, 10) }],
    [
      'before:2026-03 before:2025-12 after:2024',
      { until: new Date(2025, 11, 1), since: new Date(2025, 0, 1) },
    ],
  ])('%s', (text, expected) => {
    expect(parse(text)).toEqual({ ...nothing, ...expected })
  })

  test.each(['foo:bar ', 'has:wings ', 'is:late ', 'before:noon ', 'on:2026-02-30 ', 'on:1066 ', '12:30 '])(
    '%sis text',
    (text) => {
      expect(parse(text)).toEqual({ ...nothing, terms: [{ text: text.trim() }] })
    },
  )

  test('beside words', () => {
    expect(parse('from:me "release notes" -draft has:file plan')).toEqual({
      ...nothing,
      from: ['ada'],
      has: ['file'],
      terms: [{ text: 'release notes' }, { text: 'draft', not: true }, { text: 'plan', prefix: true }],
    })
  })
})

test('knows when there is nothing to look for', () => {
  for (const text of ['', '  ', 'from:', ':)', '"']) expect(isEmptyQuery(parse(text)), text).toBe(true)
  for (const text of ['a', '-a', 'from:me', 'in:x', 'on:today', '-is:thread', '-has:link'])
    expect(isEmptyQuery(parse(text)), text).toBe(false)
})
