import { expect, test } from 'vitest'
import { bannedUntil } from './ban'

test.each([
  ['24h', 86_400_000],
  ['1h30m', 5_400_000],
  ['1.5h', 5_400_000],
  ['90s', 90_000],
  ['500ms', 500],
  ['9999999999h', 100 * 365 * 86_400_000],
])('%s from now', (duration, milliseconds) => {
  expect(bannedUntil(duration, 1000)).toEqual(new Date(1000 + milliseconds))
})

test('none lifts a ban, nothing changes nothing', () => {
  expect(bannedUntil('none')).toBeNull()
  expect(bannedUntil(undefined)).toBeUndefined()
  expect(bannedUntil(null)).toBeUndefined()
})

test.each([['24'], ['h'], ['1d'], ['-1h'], ['1h 30m'], ['forever']])('%s is no duration', (duration) => {
  expect(() => bannedUntil(duration)).toThrow('invalid format for ban duration')
})
