import { expect, test } from 'vitest'
import { newSeed } from './options'
import { type Decision, planChaos } from './plan'

const seed = newSeed()
const first = (count: number, from: number) => {
  const decisions: Decision[] = []
  for (const decision of planChaos(from, { act: 8, kill: 250, clients: 10, channels: 6 })) {
    if (decisions.push(decision) === count) break
  }
  return decisions
}

test('the same seed decides the same, another one otherwise', () => {
  const decisions = first(2_000, seed)
  expect(first(2_000, seed)).toEqual(decisions)
  expect(first(2_000, seed + 1)).not.toEqual(decisions)
  const kinds = new Set(decisions.map((decision) => decision.kind))
  expect([...kinds].sort()).toEqual(
    ['act', 'check', 'crash', 'fault', 'heal', 'kill', 'purge', 'refresh', 'sleep', 'wake'].sort(),
  )
  // Nothing is decided for a moment that has passed.
  const times = decisions.map(({ after }) => after)
  expect(times).toEqual(times.toSorted((a, b) => a - b))
})

test('ten kills meet every part', () => {
  const victims = first(4_000, seed).flatMap((decision) => (decision.kind === 'kill' ? decision.victim : []))
  expect(new Set(victims.slice(0, 10))).toEqual(
    new Set(['backend', 'postmaster', 'next', 'connection', 'walsender', 'everything']),
  )
})
