import { expect, test, vi } from 'vitest'
import type { Table } from './catalogue'
import { type Checked, Conditions, holdsHere, isCanonical } from './conditions'
import { type Operator, parseFilter } from './filter'

const INT8 = 20
const TEXT = 25
const BOOL = 16
const TIMESTAMPTZ = 1184
const NUMERIC = 1700

const holds = (
  base: number,
  operator: Operator,
  value: string | null,
  wanted: string | string[],
  exact = true,
) => {
  const condition: Checked = {
    column: 'c',
    operator,
    negated: false,
    values: [wanted].flat(),
    exact,
    asked: false,
  }
  return holdsHere({ base }, condition, value)
}

test('equality of values that are printed in one way', () => {
  expect(holds(TEXT, 'eq', 'a', 'a')).toBe(true)
  expect(holds(TEXT, 'neq', 'a', 'a')).toBe(false)
  expect(holds(TEXT, 'in', 'b', ['a', 'b'])).toBe(true)
  expect(holds(NUMERIC, 'eq', '1.0', '1', false)).toBe('ask')
})

test('order of integers and times', () => {
  expect(holds(INT8, 'gt', '10', '9')).toBe(true)
  expect(holds(INT8, 'lte', '-9007199254740993', '-9007199254740992')).toBe(true)
  expect(holds(TIMESTAMPTZ, 'lt', '2026-01-01 00:00:00+00', '2026-01-01 00:00:00.5+00')).toBe(true)
  expect(holds(TIMESTAMPTZ, 'gte', '2026-01-01 00:00:00.51+00', '2026-01-01 00:00:00.5+00')).toBe(true)
})

test('what text cannot tell is left to the database', () => {
  expect(holds(TEXT, 'gt', 'a', 'b')).toBe('ask')
  expect(holds(NUMERIC, 'gt', '10', '9')).toBe('ask')
  expect(holds(TIMESTAMPTZ, 'lt', 'infinity', '2026-01-01 00:00:00+00')).toBe('ask')
  expect(holds(TIMESTAMPTZ, 'lt', '0044-03-15 00:00:00+00 BC', '2026-01-01 00:00:00+00')).toBe('ask')
  for (const operator of ['like', 'ilike', 'match', 'imatch'] as const)
    expect(holds(TEXT, operator, 'a', 'a')).toBe('ask')
})

test('nothing compares with null, except what is made for it', () => {
  for (const operator of ['eq', 'neq', 'lt', 'gte', 'in', 'like'] as const)
    expect(holds(TEXT, operator, null, 'a')).toBeNull()
  expect(holds(TEXT, 'isdistinct', null, 'a')).toBe(true)
  expect(holds(TEXT, 'is', null, 'null')).toBe(true)
  expect(holds(TEXT, 'is', 'a', 'null')).toBe(false)
  expect(holds(BOOL, 'is', 't', 'true')).toBe(true)
  expect(holds(BOOL, 'is', null, 'false')).toBe(false)
})

test('what PostgreSQL would print as it is needs no question', () => {
  const UUID = 2950
  expect(isCanonical(UUID, '0198c5c0-0000-7000-8000-0123456789ab')).toBe(true)
  expect(isCanonical(UUID, '0198C5C0-0000-7000-8000-0123456789AB')).toBe(false)
  expect(isCanonical(UUID, '0198c5c0000070008000-0123456789ab')).toBe(false)
  expect(isCanonical(INT8, '-42')).toBe(true)
  expect(isCanonical(INT8, '042')).toBe(false)
  expect(isCanonical(INT8, '-0')).toBe(false)
  expect(isCanonical(INT8, '9223372036854775808')).toBe(false)
  expect(isCanonical(BOOL, 'true')).toBe(false)
  expect(isCanonical(TEXT, 'a')).toBe(false)
})

test('what a busy database did not check in time is tried once more before it is refused', async () => {
  const unsafe = vi.fn().mockRejectedValue(Object.assign(new Error('canceling statement'), { code: '57014' }))
  const conditions = new Conditions(
    { filtering: null as never, checking: { unsafe } as never },
    null as never,
  )
  const column = { name: 'c', type: 'text', sqlType: 'text', base: TEXT, json: 'string', textual: true }
  const table = {
    columns: new Map([['c', column]]),
    readable: new Map([['anon', new Set(['c'])]]),
  } as unknown as Table
  const check = () => conditions.check(table, 'anon', parseFilter('c=match.a+'))
  await expect(check()).rejects.toThrow('the pattern for c takes too long to check')
  expect(unsafe).toHaveBeenCalledTimes(2)
  unsafe.mockRejectedValueOnce(Object.assign(new Error('canceling statement'), { code: '57014' }))
  unsafe.mockResolvedValueOnce([])
  expect(await check()).toHaveLength(1)
})
