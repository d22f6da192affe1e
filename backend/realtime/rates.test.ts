import { expect, test } from 'vitest'
import { Quota, Rate, Rates } from './rates'

test('a rate begins anew with the first event after its window', () => {
  const rate = new Rate(2, 1_000)
  expect([rate.take(1, 900), rate.take(1, 1_000), rate.take(1, 1_899)]).toEqual([true, true, false])
  expect([rate.take(1, 1_900), rate.take(2, 1_901)]).toEqual([true, false])
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
