import { expect, test } from 'vitest'
import { jittered, reconnectDelay } from './backoff'

const CLIENTS = 10_000

/** The most clients that come back within one second. */
function busiestSecond(delays: number[]): number {
  const seconds = new Map<number, number>()
  for (const delay of delays) {
    const second = Math.floor(delay / 1_000)
    seconds.set(second, (seconds.get(second) ?? 0) + 1)
  }
  return Math.max(...seconds.values())
}

const many = (delay: (random: () => number) => number) =>
  Array.from({ length: CLIENTS }, (_, index) => delay(() => index / CLIENTS))

test('told of a restart, ten thousand clients come back over ten seconds', () => {
  for (const code of [1012, 1013]) {
    const delays = many((random) => reconnectDelay(1, code, random))
    expect(busiestSecond(delays)).toBeLessThanOrEqual(CLIENTS / 10)
  }
})

test('one that broke comes back soon, and each further attempt is spread wider', () => {
  expect(reconnectDelay(1, 1006, () => 1)).toBeLessThanOrEqual(2_100)
  const busiest = [1, 2, 3, 4, 9].map((tries) =>
    busiestSecond(many((random) => reconnectDelay(tries, 1006, random))),
  )
  expect(busiest).toEqual([...busiest].sort((a, b) => b - a))
  expect(busiest.at(-1)).toBeLessThanOrEqual(CLIENTS / 30 + 1)
})

test('a jittered pause stays around its length', () => {
  expect([jittered(1_000, () => 0), jittered(1_000, () => 0.5), jittered(1_000, () => 1)]).toEqual([
    500, 1_000, 1_500,
  ])
})
