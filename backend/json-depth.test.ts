import { expect, test } from 'vitest'
import { isTooDeep } from './json-depth'

const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)

test('B16: what is nested beyond measure is found without being parsed', () => {
  expect([nested(500), nested(501), `{"a":${nested(500)}}`].map((text) => isTooDeep(text))).toEqual([
    false,
    true,
    true,
  ])
  // Not even JSON, and megabytes of it.
  expect(isTooDeep('[{"":'.repeat(1_000_000))).toBe(true)
})

test('brackets in strings are text, and those that are closed do not add up', () => {
  const text = JSON.stringify({ a: '['.repeat(2_000), b: '"\\"[', c: '\\', d: '{'.repeat(2_000) })
  expect(isTooDeep(text)).toBe(false)
  expect(isTooDeep(JSON.stringify(Array.from({ length: 5_000 }, () => [{}])))).toBe(false)
  expect(isTooDeep(`"\\\\"${nested(501)}`)).toBe(true)
  expect(isTooDeep(`"unfinished \\"${nested(501)}`)).toBe(false)
})
