import { expect, test } from 'vitest'
import { readArrival } from './arrival'

const at = (address: string) => readArrival(new URL(address, 'https://chat.example.com'))

test('a link of ours carries a token and says what for', () => {
  expect(at('/reset-password?token_hash=abc&type=recovery')).toEqual({
    kind: 'token',
    tokenHash: 'abc',
    type: 'recovery',
  })
  expect(at('/reset-password?token_hash=abc&type=sms')).toEqual({ kind: 'nothing' })
})

test('a reload after the link was used goes on with the new password, and nothing else does', () => {
  expect(at('/reset-password?type=recovery')).toEqual({ kind: 'begun' })
  for (const address of [
    '/reset-password',
    '/reset-password?type=signup',
    '/reset-password?x=1&type=recovery',
  ])
    expect(at(address)).toEqual({ kind: 'nothing' })
  expect(at('/reset-password?type=recovery#access_token=a&type=recovery').kind).toBe('session')
})

test('a link through the server brings a session, a sentence or a refusal in the fragment', () => {
  expect(at('/confirm#access_token=a&refresh_token=b&type=signup')).toEqual({
    kind: 'session',
    type: 'signup',
  })
  expect(at('/confirm#message=Confirm+the+other+address')).toEqual({
    kind: 'message',
    message: 'Confirm the other address',
  })
  expect(at('/confirm?error=access_denied#error=access_denied&error_code=otp_expired')).toEqual({
    kind: 'problem',
    code: 'otp_expired',
  })
})

test('a refusal counts before anything else that stands beside it', () => {
  expect(at('/confirm?error=server_error&token_hash=a&type=signup')).toEqual({
    kind: 'problem',
    code: 'access_denied',
  })
})
