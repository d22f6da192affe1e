import { expect, test } from 'vitest'
import { Histogram } from './histogram'
import { percentile } from './statistics'

test('agrees with sorting every sample, to a fifth of a percent', () => {
  const histogram = new Histogram()
  const samples = Array.from({ length: 50_000 }, (_, i) => 0.01 * 1.0003 ** i * (1 + (i % 7)))
  for (const sample of samples) histogram.record(sample)
  for (const share of [0.001, 0.5, 0.9, 0.99, 1]) {
    const exact = percentile(samples, share)
    expect(Math.abs(histogram.percentile(share) - exact)).toBeLessThanOrEqual(exact * 0.002 + 0.001)
  }
})

test('nothing recorded is not a number, and nothing is faster than zero', () => {
  const histogram = new Histogram()
  expect(histogram.percentile(0.5)).toBeNaN()
  histogram.record(-3)
  expect(histogram.percentile(0.5)).toBe(0)
})
