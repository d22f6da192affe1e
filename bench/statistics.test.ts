import { expect, test } from 'vitest'
import { median, percentile, summarise } from './statistics'

test('a percentile is a real sample, whatever the order', () => {
  const samples = Array.from({ length: 100 }, (_, index) => 100 - index)
  expect(percentile(samples, 0.5)).toBe(50)
  expect(percentile(samples, 0.99)).toBe(99)
  expect(percentile(samples, 1)).toBe(100)
  expect(percentile([7], 0.99)).toBe(7)
  expect(percentile([], 0.5)).toBeNaN()
})

test('the summary is median and range', () => {
  expect(summarise([3, 1, 9])).toEqual({ median: 3, low: 1, high: 9 })
  expect(median([2, 1])).toBe(1)
})
