import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { defaultLimits } from './limits'
import { Presence, type PresenceLimits } from './presence'
import { Budgets } from './presence-budget'
import type { Listener } from './topics'

type Entries = Record<string, { metas: { n?: number; phx_ref: string }[] }>

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const topic = { name: 'room', private: true }
const LONG_MS = 120_000

/** What a frame of the server says. */
function read(frame: Buffer): { joins: Entries; leaves: Entries } {
  const length = frame[1] ?? 0
  return JSON.parse(frame.toString('utf8', length < 126 ? 2 : length === 126 ? 4 : 10)).at(-1)
}

/** Somebody who watches, and what they make of it. */
function watcher(presence: Presence<Listener>) {
  const seen: Entries = {}
  const told: string[] = []
  let frames = 0
  const listener = {
    vsn: '2.0.0' as const,
    deliver(_kind: 'broadcast' | 'presence', frame: Buffer) {
      const { joins, leaves } = read(frame)
      frames++
      for (const [key, { metas }] of Object.entries(leaves)) {
        told.push(key)
        const refs = new Set(metas.map(({ phx_ref }) => phx_ref))
        const left = (seen[key]?.metas ?? []).filter(({ phx_ref }) => !refs.has(phx_ref))
        if (left.length > 0) seen[key] = { metas: left }
        else delete seen[key]
      }
      for (const [key, { metas }] of Object.entries(joins)) {
        told.push(key)
        seen[key] = { metas: [...(seen[key]?.metas ?? []), ...metas] }
      }
    },
  }
  return {
    listener,
    told,
    frames: () => frames,
    watch: () => Object.assign(seen, JSON.parse(presence.watch(topic, listener).json)),
    shown: () =>
      Object.fromEntries(
        Object.entries(seen).map(([key, { metas }]) => [key, metas.map(({ n }) => n).sort()]),
      ),
  }
}

type Watcher = ReturnType<typeof watcher>

function room(limits: Partial<PresenceLimits> = {}) {
  const presence = new Presence<Listener>({ ...defaultLimits, ...limits })
  const show = (who: Watcher, key: string, meta: object, payer = key, named = true) =>
    presence.track(topic, who.listener, { key, meta: { ...meta }, payer, named })
  return { presence, show, person: () => watcher(presence) }
}

test('whoever watches, since whenever, knows the same as the others at every moment', async () => {
  const { presence, show, person } = room()
  const people = Array.from({ length: 12 }, person)
  const watching: Watcher[] = []
  for (let step = 0; step < 600; step++) {
    const who = people[(step * 7) % people.length] as Watcher
    // Three devices of each of four.
    const key = `k${people.indexOf(who) % 4}`
    if (step % 5 === 4) presence.untrack(topic, who.listener)
    else show(who, key, { n: step })
    if (step % 50 === 0 && watching.length < 6) {
      const newcomer = person()
      newcomer.watch()
      watching.push(newcomer)
      expect(newcomer.shown()).toEqual(watching[0]?.shown())
    }
    if (step % 3 === 0) await vi.advanceTimersByTimeAsync(40)
  }
  await vi.advanceTimersByTimeAsync(LONG_MS)
  const last = person()
  last.watch()
  for (const each of watching) expect(each.shown()).toEqual(last.shown())
  expect(Object.keys(last.shown())).toHaveLength(4)
})

test('B17: whoever flaps is told of less and less, others at once, and in the end everybody knows how it is', async () => {
  const { presence, show, person } = room({ maxPresenceBytes: 400 })
  const [ada, flapper, bob] = [person(), person(), person()]
  ada.watch()
  for (let n = 0; n < 300; n++) {
    show(flapper, 'flapper', { n })
    await vi.advanceTimersByTimeAsync(100)
    presence.leave(topic, flapper.listener)
    await vi.advanceTimersByTimeAsync(100)
  }
  // 600 changes within a minute, of which 2,000 bytes are paid for every thirty seconds.
  expect(ada.told.filter((key) => key === 'flapper').length).toBeLessThan(80)
  expect(ada.told.length).toBeGreaterThan(10)
  show(bob, 'bob', { n: 1 })
  await vi.advanceTimersByTimeAsync(100)
  expect(ada.shown().bob).toEqual([1])
  show(flapper, 'flapper', { n: 1_000 })
  await vi.advanceTimersByTimeAsync(LONG_MS)
  expect(ada.shown()).toEqual({ bob: [1], flapper: [1_000] })
  presence.leave(topic, flapper.listener)
  await vi.advanceTimersByTimeAsync(LONG_MS)
  expect(ada.shown()).toEqual({ bob: [1] })
})

test('B17: new keys are no way around it: they are paid for by the same person', async () => {
  const { presence, show, person } = room({ maxPresenceBytes: 400 })
  const [ada, flapper] = [person(), person()]
  ada.watch()
  for (let n = 0; n < 300; n++) {
    show(flapper, `key ${n}`, { n }, 'flapper')
    await vi.advanceTimersByTimeAsync(100)
    presence.leave(topic, flapper.listener)
    await vi.advanceTimersByTimeAsync(100)
  }
  await vi.advanceTimersByTimeAsync(LONG_MS)
  expect(ada.told.length).toBeLessThan(80)
  expect(ada.shown()).toEqual({})
})

test('B10: what is shown on a topic fits into what a socket may have waiting, and nobody fills it alone', () => {
  const { presence, show, person } = room()
  const text = 'x'.repeat(16_000)
  const mine = Array.from({ length: 100 }, (_, i) => show(person(), 'ada', { text, i }))
  expect(mine.filter(Boolean)).toHaveLength(4)
  const others = Array.from({ length: 200 }, (_, i) => show(person(), `k${i}`, { text }))
  expect(others.filter(Boolean).length).toBeGreaterThan(50)
  const newcomer = person()
  vi.runOnlyPendingTimers()
  expect(presence.watch(topic, newcomer.listener).bytes.length).toBeLessThan(defaultLimits.maxBufferedBytes)
  // A company of ten thousand fits, each with a second device for some.
  const company = room()
  const fit = Array.from({ length: 12_000 }, (_, i) =>
    company.show(company.person(), `${String(i % 10_000).padStart(36, '0')}`, { state: 'online' }),
  )
  expect(fit.every(Boolean)).toBe(true)
})

test('what is gone makes room, and what changes is counted as it is', () => {
  const { presence, show, person } = room({ maxPresenceBytes: 100 })
  const [ada, bob] = [person(), person()]
  const long = { text: 'x'.repeat(250) }
  expect(show(ada, 'me', long)).toBe(true)
  expect(show(bob, 'me', long)).toBe(false)
  expect(show(ada, 'me', { n: 1 })).toBe(true)
  expect(show(bob, 'me', { text: 'x'.repeat(150) })).toBe(true)
  presence.untrack(topic, bob.listener)
  expect(show(bob, 'me', { text: 'x'.repeat(150) })).toBe(true)
})

test('a crowd is told once a second, a few at once', async () => {
  const { show, person } = room()
  const crowd = Array.from({ length: 5_000 }, person)
  for (const each of crowd) each.watch()
  const [ada] = crowd as [Watcher]
  for (let n = 0; n < 50; n++) {
    show(crowd[n] as Watcher, `k${n}`, {})
    await vi.advanceTimersByTimeAsync(100)
  }
  await vi.advanceTimersByTimeAsync(1_000)
  expect(ada.frames()).toBeLessThanOrEqual(7)
  expect(Object.keys(ada.shown())).toHaveLength(50)
})

test('a list of thousands is made once for all who come', () => {
  const { presence, show, person } = room()
  for (let n = 0; n < 100; n++) show(person(), `k${n}`, {})
  vi.runOnlyPendingTimers()
  const [first, second] = [person(), person()].map(({ listener }) => presence.watch(topic, listener))
  expect(second).toBe(first)
})

test('budgets come back over the window, and those of who owes nothing are forgotten', () => {
  const budgets = new Budgets(1_000)
  expect([budgets.take('a', 150, 100, 0), budgets.take('a', 1, 100, 0)]).toEqual([0, 510])
  expect([budgets.take('b', 1, 100, 0), budgets.take('a', 1, 100, 510)]).toEqual([0, 0])
  budgets.charge('a', 10_000, 100, 520)
  expect(budgets.take('a', 1, 100, 520)).toBe(1_000)
  for (let n = 0; n < 3_000; n++) budgets.take(`payer ${n}`, 1, 100, n * 10)
  expect(budgets.size).toBeLessThan(1_100)
})
