import type { SupabaseClient } from '@supabase/supabase-js'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { clientFor, eventually } from './api'
import { bundlePage } from './chaos/bundle'
import { compareAll } from './chaos/compare-all'
import { Device } from './chaos/device'
import { type Ledger, openLedger } from './chaos/ledger'
import type { OpenPage } from './chaos/page'
import { type Member, makeCrowd, makeWorkspace } from './crowd'
import { residentMemory } from './processes'
import { type Product, startProduct, TRANSPORTS } from './product'
import { startProxy } from './proxy'

// The product's own client code on a connection that nobody reads any more, while its channel is busy: the server gives it
// up before it takes memory, nobody else notices, and whoever comes back ends equal to the database.

vi.setConfig({ testTimeout: 300_000 })

const MB = 1_048_576
/** Three bytes each: the longest message there can be takes 120 kB on the wire. */
const FILLER = '€'.repeat(39_900)
const MESSAGE_BYTES = 120_000
/** What the kernel and the proxy hold of a connection, with room to spare, beside the two megabytes of the server. */
const ON_THE_WAY_BYTES = 48 * MB
/** How long the server waits for the farewell to be read: a page that reads on in time is told why it was closed. */
const CLOSE_MS = 20_000
/** A page whose line is stalled learns of it from its heartbeats, which takes most of a minute. */
const NOTICED_MS = 150_000

let product: Product
let ledger: Ledger
beforeAll(async () => {
  const env = { REALTIME_CLOSE_MS: String(CLOSE_MS), REALTIME_IDLE_MS: '600000', METRICS_LOOPBACK: 'true' }
  product = await startProduct({ verb: 'backend', env })
  ledger = openLedger(0)
})
afterAll(async () => {
  ledger?.close()
  await product?.stop()
})

describe.each(TRANSPORTS)('%s', (transport) => {
  let author: SupabaseClient
  let reader: Device
  /** A colleague whose line is sound. */
  let quick: Device
  let people: { slug: string; workspaceId: string; channelIds: string[]; members: Member[] }
  let channelId: string
  let written = 0

  beforeAll(async () => {
    await product.setTransport(transport)
    const members = (await makeCrowd(product, 3)) as [Member, Member, Member]
    people = { members, ...(await makeWorkspace(product, members, [{ name: 'busy', kind: 'private' }])) }
    channelId = people.channelIds[0] as string
    author = clientFor(product.url, product.secrets.publishableKey, members[0])
    const script = await bundlePage()
    const [slow, sound] = await Promise.all(
      ['reader', 'quick'].map(async (name, index) => {
        const member = members[index + 1] as Member
        const proxy = await startProxy({ port: product.port })
        return new Device({ ...people, name, member, proxy, script, ledger })
      }),
    )
    reader = slow as Device
    quick = sound as Device
    await Promise.all([reader.start(), quick.start()])
    for (const device of [reader, quick]) open(device).appear(people.workspaceId)
    // As much as later, for memory that is only ever taken once.
    for (let round = 0; round < 20; round++) await deliver()
    await eventually('the colleague sees the reader', isSeen)
    await endsEqual()
  })

  afterAll(async () => {
    for (const device of [reader, quick]) {
      device?.stop()
      await device?.proxy.stop()
    }
  })

  test('B19 who reads on is told 1013, comes back by itself and finds everything', async () => {
    reader.stall()
    await untilGivenUp()
    expect(reader.closeCodes()).toEqual([])
    reader.proxy.restore()
    await eventually('the farewell was read', () => reader.proxy.sockets() === 0)
    reader.goOn()
    await findsEverything()
    expect(reader.closeCodes()).toEqual([1013])
  })

  test('B19 who never reads on is cut off; memory stays flat, and new messages arrive as ever', async () => {
    const { backend } = await product.parts()
    const memory = () => residentMemory(backend?.pid as number)
    const before = await memory()
    let most = before
    reader.stall()
    await untilGivenUp()
    // 120 MB in all, which would be waiting for the reader now.
    for (let round = 0; round < 200; round++) {
      await deliver(1, 4)
      most = Math.max(most, await memory())
    }
    // Half of that is far from both: on a busy machine garbage alone has taken 32.
    expect(most - before).toBeLessThan(60 * MB)
    await eventually('nothing of the connection is left at the server', async () => {
      const metrics = await (await fetch(`${product.url}/metrics`)).text()
      return /^chat_sockets 1$/m.test(metrics)
    })
    // Its end lies behind what nobody reads: the page learns of it from its heartbeats, and comes back over another line.
    reader.goOn()
    await findsEverything()
    // How often it closed what was dead already is the busy machine's to say; a dead line is waited for before it counts.
    await eventually('the dead connection counts as closed', () => reader.closeCodes().length > 1)
  })

  function open({ page }: Device): OpenPage {
    if (!page) throw new Error('The page is not open')
    return page
  }

  const isSeen = () => open(quick).present().includes(reader.member.userId)

  /** Writes until the server has given the reader up, as others see from that they are gone. */
  async function untilGivenUp() {
    let bytes = 0
    while (isSeen()) {
      await deliver()
      bytes += 5 * MESSAGE_BYTES
      expect(bytes).toBeLessThan(ON_THE_WAY_BYTES)
    }
  }

  /** New messages and edits of the last one; returns when the colleague shows them. */
  async function deliver(messages = 5, edits = 0) {
    const body = () => `${++written} ${FILLER}`
    let row = { id: '', channel_id: channelId, body: '' }
    for (let count = 0; count < messages; count++) {
      row = { id: uuidv7(), channel_id: channelId, body: body() }
      expect((await author.from('messages').insert(row)).error).toBeNull()
    }
    for (let count = 0; count < edits; count++) {
      row.body = body()
      const { error } = await author.from('messages').update({ body: row.body }).eq('id', row.id)
      expect(error).toBeNull()
    }
    await eventually('the colleague shows it', () => {
      const last = open(quick).windows()[channelId]?.rows.at(-1)
      return last?.id === row.id && last.body === row.body
    })
  }

  /** Back by itself, and with all of the timeline before the eyes, each message once, in its place. */
  async function findsEverything() {
    await endsEqual()
    await eventually('the reader is seen again', isSeen)
    const window = () => open(reader).windows()[channelId]
    while (window()?.hasBefore) await open(reader).loadBefore(channelId)
    await endsEqual()
    const places = window()?.rows.map(({ seq }) => seq) ?? []
    expect(places.length).toBeGreaterThan(100)
    expect(places).toEqual(places.map((_, index) => index + 1))
    expect(quick.closeCodes()).toEqual([])
  }

  async function endsEqual() {
    const everybody = { ...people, devices: [reader, quick], screens: [], purged: new Set<string>() }
    const { findings } = await compareAll(product, everybody, NOTICED_MS)
    expect(findings).toEqual({ lost: [], twice: [], wrong: [] })
  }
})
