import { expect, test } from 'vitest'
import { isRetryable, toAppError } from './errors'

test('takes the code a function of ours raised from the detail', () => {
  const error = toAppError({
    code: 'PT409',
    message: 'A channel of this name exists.',
    details: 'channel_name_taken',
    hint: null,
  })
  expect(error).toEqual({
    code: 'channel_name_taken',
    status: 409,
    message: 'A channel of this name exists.',
  })
})

test('an error of the auth service keeps its own code and status', () => {
  const error = Object.assign(new Error('Invalid login credentials'), {
    status: 400,
    code: 'invalid_credentials',
  })
  expect(toAppError(error)).toMatchObject({ code: 'invalid_credentials', status: 400 })
})

test('a failed fetch is the network, status 0, and worth another try', () => {
  const error = toAppError({ message: 'TypeError: Failed to fetch', details: '', hint: '', code: '' }, 0)
  expect(error).toMatchObject({ code: 'network', status: 0 })
  expect(isRetryable(error)).toBe(true)
  expect(isRetryable(toAppError(new TypeError('fetch failed')))).toBe(true)
})

test('a request that never arrived whole is the network too', () => {
  const error = toAppError({ message: '' }, 408)
  expect(error).toMatchObject({ code: 'network', status: 408 })
  expect(isRetryable(error)).toBe(true)
})

test('codes of PostgreSQL and PostgREST become words', () => {
  expect(toAppError({ code: '42501', message: 'permission denied', details: null }).code).toBe('not_allowed')
  expect(toAppError({ code: 'PGRST301', message: 'JWT expired', details: null }, 401).code).toBe(
    'session_expired',
  )
})

test('keeps how long to wait, and refusals are final', () => {
  expect(toAppError({ message: 'slow down', retry_after: 7 }, 429)).toMatchObject({
    code: 'too_many_requests',
    retryAfter: 7,
  })
  expect(isRetryable(toAppError({ code: 'PT422', message: 'empty', details: 'empty_message' }))).toBe(false)
})

test('what it returned passes through, and anything thrown becomes an error', () => {
  const first = toAppError({ code: 'PT404', message: 'no', details: 'channel_not_found' })
  expect(toAppError(first)).toBe(first)
  expect(toAppError('odd')).toEqual({ code: 'unexpected', status: 500, message: 'odd' })
})
