import { expect, test } from 'vitest'
import { Horizon } from './horizon'

test('an answer counts once its snapshot sees every transaction of the stream', () => {
  const horizon = new Horizon()
  expect(horizon.isSeenBy('1:1:')).toBe(true)
  horizon.note(105)
  expect(horizon.isSeenBy('100:103:')).toBe(false)
  expect(horizon.isSeenBy('100:110:103,105')).toBe(false)
  expect(horizon.isSeenBy('100:110:103')).toBe(true)
  expect(horizon.size).toBe(0)
})

test('ids that passed 32 bits are compared in full', () => {
  const horizon = new Horizon()
  const epoch = 2n ** 32n
  horizon.note(5)
  expect(horizon.isSeenBy(`${epoch - 10n}:${epoch}:`)).toBe(false)
  expect(horizon.isSeenBy(`${epoch}:${epoch + 10n}:`)).toBe(true)
  horizon.note(2 ** 32 - 3)
  expect(horizon.isSeenBy(`${epoch}:${epoch + 10n}:`)).toBe(true)
})

test('asking goes on until the answer is new enough', async () => {
  const horizon = new Horizon()
  horizon.note(7)
  const snapshots = ['5:6:', '5:8:7', '8:8:']
  const answer = await horizon.ask(async () => ({ snapshot: snapshots.shift() ?? '' }))
  expect(answer).toEqual({ snapshot: '8:8:' })
})

test('a stream that never pauses keeps nobody waiting', async () => {
  const horizon = new Horizon()
  horizon.note(7)
  let xid = 8
  const answer = await horizon.ask(async () => {
    horizon.note(++xid)
    return { snapshot: `${xid}:${xid}:` }
  })
  expect(answer).toEqual({ snapshot: '9:9:' })
  expect(horizon.size).toBe(1)
})
