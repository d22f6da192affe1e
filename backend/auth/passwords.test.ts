import { describe, expect, test } from 'vitest'
import { checkHashable, checkPassword, createPasswords } from './passwords'

describe('choosing a password', () => {
  test.each([['12345678'], ['ää ää ää!'], ['🐎🐎🐎🐎🐎🐎🐎🐎'], ['x'.repeat(72)]])(
    '%s will do',
    (password) => {
      expect(() => checkPassword(password, 8)).not.toThrow()
    },
  )

  test.each([['1234567'], [''], ['🐎🐎🐎🐎']])('%s is too short', (password) => {
    expect(() => checkPassword(password, 8)).toThrow(
      expect.objectContaining({ status: 422, code: 'weak_password', extra: { body: expect.anything() } }),
    )
  })

  test.each([['x'.repeat(73)], ['ä'.repeat(37)], ['with \0 inside it']])(
    '%s would not count in full',
    (password) => {
      expect(() => checkPassword(password, 8)).toThrow(expect.objectContaining({ code: 'validation_failed' }))
      expect(() => checkHashable(password)).toThrow()
    },
  )
})

describe('hashes', () => {
  const passwords = createPasswords()

  test('match their password only', async () => {
    const hash = await passwords.hash('correct horse')
    expect(hash).toMatch(/^\$2b\$10\$/)
    expect(await passwords.verify('correct horse', hash)).toBe(true)
    expect(await passwords.verify('Correct horse', hash)).toBe(false)
    expect(await passwords.verify('correct horse', hash.replace('$2b$', '$2a$'))).toBe(true)
  })

  test('that are missing, foreign or cut off match nothing, not even what stands in for them', async () => {
    for (const hash of [null, undefined, '', 'plain', '$argon2id$v=19$m=1,t=1,p=1$c2FsdA$aGFzaA']) {
      for (const password of ['', 'nobody', 'plain'])
        expect(await passwords.verify(password, hash)).toBe(false)
    }
    const hash = await passwords.hash('x'.repeat(72))
    expect(await passwords.verify('x'.repeat(73), hash)).toBe(false)
  })

  test('cost an unknown account the same time', async () => {
    const hash = await passwords.hash('correct horse')
    const time = async (stored: string | null) => {
      const started = performance.now()
      await passwords.verify('wrong horse', stored)
      return performance.now() - started
    }
    const known: number[] = []
    const unknown: number[] = []
    for (let round = 0; round < 5; round++) {
      known.push(await time(hash))
      unknown.push(await time(null))
    }
    // The fastest of each: the machine may be busy, but it cannot be quicker than the work.
    expect(Math.min(...unknown)).toBeGreaterThan(Math.min(...known) / 2)
  })

  test('are refused with a time to come again when too many are asked for', async () => {
    const one = createPasswords(1)
    const answers = await Promise.allSettled(
      Array.from({ length: 75 }, () => one.verify('x', '$2b$04$invalid')),
    )
    const refused = answers.filter((answer) => answer.status === 'rejected')
    expect(refused.length).toBeGreaterThan(0)
    expect(refused[0]?.reason).toMatchObject({ status: 429, extra: { headers: { 'retry-after': '5' } } })
    expect(await one.verify('x', null)).toBe(false)
  })
})
