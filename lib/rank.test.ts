import { expect, test } from 'vitest'
import { matchScore, rank } from './rank'

const named = (name: string, bonus = 0) => ({ texts: [name], bonus, name })
const order = (names: string[], query: string) =>
  rank(
    names.map((name) => named(name)),
    query,
    10,
  ).map(({ name }) => name)

test('whole, beginning, word, inside, initials, gaps', () => {
  expect(order(['re-design', 'undesigned', 'design', 'design-review', 'd-e-s-ign'], 'design')).toEqual([
    'design',
    'design-review',
    're-design',
    'undesigned',
    'd-e-s-ign',
  ])
})

test('finds people by initials, by parts and without accents', () => {
  expect(matchScore('Ada Lovelace', 'al')).toBeGreaterThan(0)
  expect(matchScore('Ada Lovelace', 'ada lo')).toBeGreaterThan(60)
  expect(matchScore('Zoë Müller', 'zoe mu')).toBeGreaterThan(60)
  expect(matchScore('Ada Lovelace', 'xyz')).toBe(0)
})

test('what is waiting comes first among equals, never before a better name', () => {
  const found = rank(
    [named('sales'), named('sales-eu', 0), named('sales-us', 8), named('presales', 10)],
    'sales',
    10,
  )
  expect(found.map(({ name }) => name)).toEqual(['sales', 'sales-us', 'sales-eu', 'presales'])
})

test('nothing typed keeps the order of what is likely', () => {
  expect(rank([named('a'), named('b', 5)], '', 10).map(({ name }) => name)).toEqual(['b', 'a'])
})
