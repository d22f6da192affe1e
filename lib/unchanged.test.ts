import { expect, test } from 'vitest'
import { unchanged } from './unchanged'

const known = { id: 'c1', head: { last_seq: 4, at: null }, member_ids: ['u1', 'u2'] }

test('what says the same in other objects stays what it was', () => {
  const next = { member_ids: ['u1', 'u2'], head: { at: null, last_seq: 4 }, id: 'c1' }
  expect(unchanged(next, known)).toBe(known)
})

test.each([
  { ...known, id: 'c2' },
  { ...known, head: { last_seq: 5, at: null } },
  { ...known, head: { last_seq: 4, at: undefined } },
  { ...known, head: { last_seq: 4 } },
  { ...known, member_ids: ['u2', 'u1'] },
  { ...known, member_ids: { 0: 'u1', 1: 'u2' } },
  { ...known, more: undefined },
])('any difference is a new value: %j', (next) => {
  expect(unchanged<unknown>(next, known)).toBe(next)
})

test('nothing known, and nothing said', () => {
  expect(unchanged<unknown>(null, undefined)).toBe(null)
  expect(unchanged<unknown>(null, known)).toBe(null)
  expect(unchanged<unknown>(known, null)).toBe(known)
})
