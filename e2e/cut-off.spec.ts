import type { SupabaseClient } from '@supabase/supabase-js'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clientFor } from './api'
import { bundlePage } from './chaos/bundle'
import { compareAll } from './chaos/compare-all'
import { Device } from './chaos/device'
import { type Ledger, openLedger } from './chaos/ledger'
import type { OpenPage } from './chaos/page'
import { type Member, makeCrowd, makeWorkspace } from './crowd'
import { type Product, startProduct, TRANSPORTS } from './product'
import { type Proxy as FaultProxy, startProxy } from './proxy'

// The product's own client code against one backend, the same over either way of hearing of changes: whoever was cut off ends
// equal to the database in messages, threads, channels, read marks and unread counts.

let product: Product
let ledger: Ledger
beforeAll(async () => {
  product = await startProduct({ verb: 'backend' })
  ledger = openLedger(0)
})
afterAll(async () => {
  ledger?.close()
  await product?.stop()
})

describe.each(TRANSPORTS)('%s', (transport) => {
  let author: SupabaseClient
  let line: FaultProxy
  let reader: Device
  /** The reader's other computer, on a line of its own that nothing happens to. */
  let elsewhere: Device
  let people: { slug: string; channelIds: string[]; members: Member[] }
  let channelId: string
  let quietId: string
  /** Whatever is stored with the same words counts as stored twice. */
  let words = 0

  beforeAll(async () => {
    await product.setTransport(transport)
    const members = (await makeCrowd(product, 2)) as [Member, Member]
    const channels = [
      { name: 'far-away', kind: 'private' },
      { name: 'quiet', kind: 'public' },
    ] as const
    people = { members, ...(await makeWorkspace(product, members, [...channels])) }
    ;[channelId, quietId] = people.channelIds as [string, string]
    author = clientFor(product.url, product.secrets.publishableKey, members[0])
    const script = await bundlePage()
    const [here, there] = await Promise.all(
      ['reader', 'elsewhere'].map(async (name) => {
        const proxy = await startProxy({ port: product.port })
        return new Device({ ...people, name, member: members[1], proxy, script, ledger })
      }),
    )
    reader = here as Device
    elsewhere = there as Device
    line = reader.proxy
    await write(30)
    await Promise.all([reader.start(), elsewhere.start()])
    await endsEqual()
  })

  afterAll(async () => {
    for (const device of [reader, elsewhere]) {
      device?.stop()
      await device?.proxy.stop()
    }
  })

  test('live: the reader follows', async () => {
    await change(1)
    await readOn(elsewhere, 31)
    await endsEqual()
  })

  test.each(['cut', 'silence'] as const)(
    '%s: edits, deletes, replies, messages and marks of the gap are found',
    async (how) => {
      line[how]()
      for (let round = 0; round < 5; round++) await change(round)
      await readOn(elsewhere, 33)
      line.restore()
      // Nobody counts as connected who has only not heard yet that their line broke.
      expect(reader.calm()).toBe(false)
      await endsEqual()
    },
  )

  test('a slow line and a short cut, again and again', async () => {
    for (let round = 0; round < 5; round++) {
      line.delay(round * 40)
      await change(round)
      line.cut()
      await change(round)
      line.restore()
    }
    await endsEqual()
  })

  test('a channel that was left elsewhere, and joined again, during a cut', async () => {
    line.cut()
    await open(elsewhere).leave(quietId)
    line.restore()
    await endsEqual()
    expect(open(reader).channels()[quietId]).toBeUndefined()
    line.cut()
    await open(elsewhere).join(quietId)
    await write(3, quietId)
    line.restore()
    await endsEqual()
    expect(open(reader).channels()[quietId]?.is_member).toBe(true)
  })

  test('who reads an older message again has still read the newer ones', async () => {
    await readOn(reader, 25)
    // Its own event has come: nothing will correct what comes now.
    await endsEqual()
    await readOn(reader, 5)
    await endsEqual()
  })

  test('hundreds of messages behind: a fresh window instead of a long catch-up', async () => {
    line.cut()
    await write(300)
    await change(0)
    line.restore()
    await endsEqual()
    expect(open(reader).windows()[channelId]?.rows.length).toBeGreaterThanOrEqual(30)
  })

  function open({ page }: Device): OpenPage {
    if (!page) throw new Error('The page is not open')
    return page
  }

  const readOn = (device: Device, seq: number) => open(device).read(channelId, seq)

  async function write(count: number, channel_id = channelId) {
    const rows = Array.from({ length: count }, () => ({
      id: uuidv7(),
      channel_id,
      body: `written ${++words}`,
    }))
    for (const row of rows) expect((await author.from('messages').insert(row)).error).toBeNull()
  }

  /** New messages, an edit, a delete and a reply, all near the end where a reader looks. */
  async function change(round: number) {
    await write(3)
    const { data } = await author
      .from('messages')
      .select('id')
      .eq('channel_id', channelId)
      .is('deleted_at', null)
      .not('seq', 'is', null)
      .order('seq', { ascending: false })
      .limit(10)
    const [edited, deleted, root] = (data ?? []).slice(2, 5).map(({ id }) => id as string)
    const answers = [
      await author
        .from('messages')
        .update({ body: `edited in round ${round}, ${++words}` })
        .eq('id', edited),
      await author.rpc('delete_message', { message_id: deleted }),
      await author
        .from('messages')
        .insert({ id: uuidv7(), channel_id: channelId, thread_id: root, body: `a reply ${++words}` }),
    ]
    expect(answers.map(({ error }) => error)).toEqual([null, null, null])
  }

  async function endsEqual() {
    const everybody = { ...people, devices: [reader, elsewhere], screens: [], purged: new Set<string>() }
    const { findings } = await compareAll(product, everybody)
    expect(findings).toEqual({ lost: [], twice: [], wrong: [] })
  }
})
