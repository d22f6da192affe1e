import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDatabase } from './api'
import { type Member, makeCrowd, makeWorkspace } from './crowd'
import { startLoad } from './load'
import { type Product, startProduct } from './product'

let product: Product
let people: Member[]
let channelId: string

beforeAll(async () => {
  product = await startProduct()
  people = await makeCrowd(product, 8)
  const made = await makeWorkspace(product, people, [{ name: 'storm', kind: 'private' }])
  channelId = made.channelIds[0] as string
})

afterAll(() => product?.stop())

test.each(['backend', 'postmaster', 'next', 'everything'] as const)(
  'kill -9 of %s under load loses no acknowledged message and doubles none',
  async (part) => {
    const before = new Set((await storedMessages()).map(({ id }) => id))
    const load = startLoad({
      url: product.url,
      key: product.secrets.publishableKey,
      members: people,
      channelId,
    })
    try {
      await load.more(200)
      if (part === 'everything') await product.killEverything()
      else await product.kill(part)
      await product.recover()
      await load.more(200)
    } finally {
      await load.stop()
    }

    const stored = await storedMessages()
    const fresh = new Map(stored.filter(({ id }) => !before.has(id)).map(({ id, body }) => [id, body]))
    const lost = [...load.acked].filter(([id, body]) => fresh.get(id) !== body)
    const invented = [...fresh.keys()].filter((id) => !load.acked.has(id))
    expect({ refused: load.refused, lost, invented }).toEqual({ refused: [], lost: [], invented: [] })
    expect(stored.map(({ seq }) => seq)).toEqual(stored.map((_, index) => index + 1))
    expect(stored.map(({ rev }) => rev)).toEqual(stored.map((_, index) => index + 1))
  },
)

async function storedMessages() {
  const sql = openDatabase(product)
  const rows = await sql<{ id: string; body: string; seq: number; rev: number }[]>`
    select id, body, seq::int, rev::int from public.messages where channel_id = ${channelId} order by seq`
  await sql.end()
  return [...rows]
}
