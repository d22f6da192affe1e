import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Turnstile } from './turnstile'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Enters so many jobs and tells which of them are in. */
function crowd(turnstile: Turnstile, count: number, by?: string) {
  const done: (() => void)[] = []
  const refused: unknown[] = []
  const inside: number[] = []
  for (let n = 0; n < count; n++) {
    turnstile.enter(by).then(
      (leave) => {
        inside.push(n)
        done[n] = leave
      },
      (error) => void refused.push(error),
    )
  }
  const settled = () => vi.advanceTimersByTimeAsync(0)
  return { inside, refused, settled, leave: (n: number) => done[n]?.() }
}

const options = { working: 2, all: 4, maxWaiting: 10, waitMilliseconds: 1_000 }

test('as many as work at once are in, the others follow in their order', async () => {
  const { inside, settled, leave } = crowd(new Turnstile(options), 5)
  await settled()
  expect(inside).toEqual([0, 1])
  leave(1)
  await settled()
  expect(inside).toEqual([0, 1, 2])
  leave(0)
  leave(2)
  await settled()
  expect(inside).toEqual([0, 1, 2, 3, 4])
})

test('one that takes long lets another in, up to all there may be', async () => {
  const { inside, settled, leave } = crowd(new Turnstile(options), 8)
  await vi.advanceTimersByTimeAsync(60)
  expect(inside).toEqual([0, 1, 2, 3])
  await vi.advanceTimersByTimeAsync(500)
  expect(inside).toEqual([0, 1, 2, 3])
  // Those that took long are not counted twice when they are done.
  for (const n of [0, 1, 2, 3]) leave(n)
  await settled()
  expect(inside).toEqual([0, 1, 2, 3, 4, 5])
})

test('who would wait too long is refused, at once where too many wait, and takes no turn later', async () => {
  const { inside, refused, settled, leave } = crowd(new Turnstile({ ...options, all: 2, maxWaiting: 1 }), 4)
  await settled()
  expect(refused).toEqual([expect.objectContaining({ status: 503, code: 'PGRST003' })])
  await vi.advanceTimersByTimeAsync(1_000)
  expect(refused).toHaveLength(2)
  leave(0)
  await settled()
  expect(inside).toEqual([0, 1])
})

test('who asks for little does not wait behind all that somebody else asks for', async () => {
  const turnstile = new Turnstile(options)
  const much = crowd(turnstile, 6, 'eve')
  const little = crowd(turnstile, 2, 'ada')
  await much.settled()
  much.leave(0)
  much.leave(1)
  await much.settled()
  expect([much.inside, little.inside]).toEqual([[0, 1, 2], [0]])
  much.leave(2)
  little.leave(0)
  await much.settled()
  expect([much.inside, little.inside]).toEqual([
    [0, 1, 2, 3],
    [0, 1],
  ])
})

test('a place is left for others, whatever one asks for', async () => {
  const turnstile = new Turnstile({ ...options, working: 10, all: 10, maxWaiting: 100 })
  const much = crowd(turnstile, 50, 'eve')
  await vi.advanceTimersByTimeAsync(60)
  expect(much.inside).toHaveLength(8)
  const little = crowd(turnstile, 3, 'ada')
  await little.settled()
  expect(little.inside).toEqual([0, 1])
  little.leave(0)
  await little.settled()
  expect([much.inside.length, little.inside]).toEqual([8, [0, 1, 2]])
})

test('where too many wait, whoever waits for the most is refused first', async () => {
  const turnstile = new Turnstile({ ...options, maxWaiting: 4 })
  const much = crowd(turnstile, 6, 'eve')
  const little = crowd(turnstile, 3, 'ada')
  await much.settled()
  expect([much.refused.length, little.refused.length]).toEqual([2, 1])
  expect(much.refused).toEqual(
    Array.from({ length: 2 }, () => expect.objectContaining({ status: 503, code: 'PGRST003' })),
  )
  much.leave(0)
  much.leave(1)
  await much.settled()
  expect([much.inside, little.inside]).toEqual([[0, 1, 2], [0]])
})
