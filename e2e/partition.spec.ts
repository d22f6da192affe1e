import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from './api'
import { compareAll } from './chaos/compare-all'
import { openLedger } from './chaos/ledger'
import { openPeople, type People } from './chaos/people'
import { type Product, startProduct } from './product'
import type { Direction } from './proxy'

let product: Product
let people: People

beforeAll(async () => {
  product = await startProduct({ verb: 'backend' })
  people = await openPeople({ product, clients: 6, browsers: false, ledger: openLedger(0) })
  await endsEqual()
})
afterAll(async () => {
  await people?.close()
  await product?.stop()
})

/** Somebody who is not cut off writes, edits, deletes, replies and reacts in the busy channel and in quiet ones. */
async function change(rounds: number) {
  const author = people.devices[5]
  for (let round = 0; round < rounds; round++) {
    for (const [index, act] of (
      ['send', 'send', 'send', 'reply', 'edit', 'react', 'delete'] as const
    ).entries()) {
      author?.act(act, ((round * 7 + index) % 20) / 20, (index % 5) / 5)
      await eventually('the author is done', () => author?.calm())
    }
  }
}

/** A page that was cut off in silence learns of it from its heartbeats, which takes most of a minute. */
const NOTICED_MS = 150_000

async function endsEqual() {
  const { findings } = await compareAll(product, people, NOTICED_MS)
  expect(findings).toEqual({ lost: [], twice: [], wrong: [] })
}

test.each<Direction>(['up', 'down', 'both'])(
  'G06 a line that is silent %s for good: the page notices by itself, and nothing is missing',
  async (direction) => {
    const away = people.devices.slice(0, 3)
    for (const { proxy } of away) proxy.silence(direction)
    await change(3)
    for (const device of away) device.act('send', 0.1, 0)
    for (const { proxy } of away) proxy.restore({ forgotten: true })
    await endsEqual()
  },
  300_000,
)

test('G06 requests swallowed on their way do not keep a page from catching up', async () => {
  const [device] = people.devices
  device?.proxy.silence('both')
  // What is asked for now is never answered, and its connection never ends.
  device?.act('open', 0.99, 0)
  device?.act('read', 0.1, 0.5)
  await change(2)
  device?.proxy.restore({ forgotten: true })
  await endsEqual()
}, 300_000)

test('G13 after a restart every page is connected again, and equal', async () => {
  await product.kill('backend')
  await product.recover()
  await change(1)
  await endsEqual()
}, 300_000)
