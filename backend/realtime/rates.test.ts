import { expect, test } from 'vitest'
import { Quota, Rates, Windows } from './rates'

test('a rate begins anew with the first event after its window', () => {
  const rate = new Windows<string>(2, 1_000)
  expect([rate.take('a', 1, 900), rate.take('a', 1, 1_000), rate.take('a', 1, 1_899)]).toEqual([
    true,
    true,
    false,
  ])
  expect([rate.take('a', 1, 1_900), rate.take('a', 2, 1_901)]).toEqual([true, false])
})

test('windows of keys do not touch each other, and of those who are silent nothing is held', () => {
  const rate = new Windows<object>(1, 1_000)
  const [a, b, c] = [{}, {}, {}]
  expect([rate.take(a, 1, 0), rate.take(b, 1, 600), rate.take(c, 1, 999)]).toEqual([true, true, true])
  expect(rate.size).toBe(3)
  // That of `a` is over; those of the others, which began later, are not.
  expect([rate.take(a, 1, 1_000), rate.take(b, 1, 1_599), rate.take(c, 1, 1_998)]).toEqual([
    true,
    false,
    false,
  ])
  expect([rate.take(b, 1, 1_600), rate.take(c, 1, 1_999)]).toEqual([true, true])
  expect(rate.take(a, 1, 10_000)).toBe(true)
  expect(rate.size).toBe(1)
  rate.forget(a)
  expect(rate.size).toBe(0)
})

test('rates of keys do not touch each other, and what does not fit is not counted', () => {
  const rates = new Rates(3)
  expect([
    rates.take('a', 2, 0),
    rates.take('a', 2, 1),
    rates.take('a', 1, 2),
    rates.take('a', 1, 3),
  ]).toEqual(['all', 'some', 'all', 'none'])
  expect([rates.take('b', 3, 4), rates.take('a', 3, 1_000)]).toEqual(['all', 'all'])
})

test('a quota takes again what was given back', () => {
  const quota = new Quota(1)
  expect([quota.take('a'), quota.take('a'), quota.take('b')]).toEqual([true, false, true])
  quota.giveBack('a')
  expect(quota.take('a')).toBe(true)
})
