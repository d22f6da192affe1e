import { expect, test } from 'vitest'
import { expiresAt } from './expiry'
import { currentStatus } from './schema'

const wednesday = new Date(2026, 10, 18, 14, 5)

test('a status ends after a while, with the day, or with the week', () => {
  expect(expiresAt('never', wednesday)).toBeNull()
  expect(expiresAt('half_hour', wednesday)).toEqual(new Date(2026, 10, 18, 14, 35))
  expect(expiresAt('today', wednesday)).toEqual(new Date(2026, 10, 18, 23, 59, 59))
  expect(expiresAt('week', wednesday)).toEqual(new Date(2026, 10, 22, 23, 59, 59))
  expect(expiresAt('week', new Date(2026, 10, 22, 9))).toEqual(new Date(2026, 10, 22, 23, 59, 59))
})

test('an expired status is none', () => {
  const status = { status_text: 'Lunch', status_emoji: null, status_expires_at: wednesday.toISOString() }
  expect(currentStatus(status, wednesday.getTime())).toBeNull()
  expect(currentStatus(status, wednesday.getTime() - 1)?.text).toBe('Lunch')
  expect(currentStatus({ status_text: null, status_emoji: null, status_expires_at: null }, 0)).toBeNull()
})
