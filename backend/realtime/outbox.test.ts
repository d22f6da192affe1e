import { PassThrough } from 'node:stream'
import { expect, test, vi } from 'vitest'
import { Outbox } from './outbox'

const tick = () => new Promise((resolve) => setImmediate(resolve))

test('what one tick produces leaves in one write', async () => {
  const raw = new PassThrough()
  const writes = vi.spyOn(raw, '_write')
  const uncork = vi.spyOn(raw, 'uncork')
  const outbox = new Outbox(raw, 1_000, () => {})
  for (const text of ['a', 'b', 'c']) outbox.push(Buffer.from(text))
  expect(writes).not.toHaveBeenCalled()
  await tick()
  await tick()
  expect(uncork).toHaveBeenCalledTimes(1)
  expect(String(raw.read())).toBe('abc')
})

test('a reader that does not keep up is reported once and gets nothing more', async () => {
  const raw = new PassThrough({ highWaterMark: 1 })
  const overflow = vi.fn()
  const outbox = new Outbox(raw, 100, overflow)
  for (let i = 0; i < 50; i++) outbox.push(Buffer.alloc(10))
  await tick()
  expect(overflow).toHaveBeenCalledTimes(1)
})

test('one frame larger than the bound passes when nothing is waiting', () => {
  const overflow = vi.fn()
  const outbox = new Outbox(new PassThrough(), 100, overflow)
  outbox.push(Buffer.alloc(1_000))
  expect(overflow).not.toHaveBeenCalled()
})
