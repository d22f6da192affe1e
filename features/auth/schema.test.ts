import { expect, test } from 'vitest'
import { checkEmail, checkName, checkPassword, passwordStrength } from './schema'

test('a name of spaces or invisible characters is blank', () => {
  expect(checkName(' \u200b ')).toBe('name_blank')
  expect(checkName('x'.repeat(81))).toBe('name_too_long')
  expect(checkName('x'.repeat(80))).toBeUndefined()
})

test('an e-mail address is refused only when it surely is none', () => {
  expect(checkEmail('ada@example.com')).toBeUndefined()
  expect(checkEmail(' ada+chat@mail.example.co ')).toBeUndefined()
  for (const email of ['ada', 'ada@', '@example.com', 'ada@example', 'a b@example.com', 'a@b@c.de'])
    expect(checkEmail(email)).toBe('email_address_invalid')
})

test('a password is measured in the bytes that bcrypt reads', () => {
  expect(checkPassword('1234567')).toBe('password_short')
  expect(checkPassword('x'.repeat(72))).toBeUndefined()
  expect(checkPassword('x'.repeat(73))).toBe('password_long')
  expect(checkPassword('ü'.repeat(37))).toBe('password_long')
})

test('strength follows length before symbols', () => {
  expect(passwordStrength('short')).toBe(0)
  expect(passwordStrength('aaaaaaaaaaaa')).toBe(1)
  expect(passwordStrength('12345678')).toBe(1)
  expect(passwordStrength('Tr0ub4dor&3')).toBe(2)
  expect(passwordStrength('correct horse battery staple')).toBe(3)
})
