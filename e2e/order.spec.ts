import type { SupabaseClient } from '@supabase/supabase-js'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clientFor, eventually, openDatabase } from './api'
import { type Member, makeCrowd, makeWorkspace } from './crowd'
import { type Product, startProduct, TRANSPORTS, type Transport } from './product'

const WRITERS = 50
const EACH = 10
const LISTENERS = 5

let product: Product
let people: Member[]
let channelIds: string[]
const clients: SupabaseClient[] = []

beforeAll(async () => {
  product = await startProduct({ verb: 'backend' })
  people = await makeCrowd(product, WRITERS)
  const made = await makeWorkspace(
    product,
    people,
    ['once', ...TRANSPORTS].map((name) => ({ name, kind: 'private' })),
  )
  channelIds = made.channelIds
})

afterAll(async () => {
  await Promise.all(clients.map((client) => client.removeAllChannels()))
  await product?.stop()
})

test.each(TRANSPORTS)(
  'G11 fifty parallel writers, %s: seq is dense and every client hears the same order',
  async (transport) => {
    await product.setTransport(transport)
    const channelId = channelIds[1 + TRANSPORTS.indexOf(transport)] as string
    const logs = await Promise.all(
      people.slice(0, LISTENERS).map((member) => listen(member, channelId, transport)),
    )

    await Promise.all(
      people.map(async (member, person) => {
        const client = as(member)
        for (let count = 0; count < EACH; count++) {
          const { error } = await client
            .from('messages')
            .insert({ id: uuidv7(), channel_id: channelId, body: `${person}.${count}` })
          expect(error).toBeNull()
        }
      }),
    )

    const total = WRITERS * EACH
    await eventually('every listener hears every message', () => logs.every((log) => log.length >= total))
    const sql = openDatabase(product)
    const rows = await sql<{ id: string; seq: number }[]>`
    select id, seq::int from public.messages where channel_id = ${channelId} order by seq`
    await sql.end()
    const truth = rows.map(({ id, seq }) => `${seq} ${id}`)
    expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: total }, (_, index) => index + 1))
    for (const log of logs) expect(log).toEqual(truth)
  },
)

test('G10 the same id sent ten times in parallel is one row, and burns no number', async () => {
  const channelId = channelIds[0] as string
  const author = people[0] as Member
  const row = { id: uuidv7(), channel_id: channelId, body: 'once' }
  const answers = await Promise.all(
    Array.from({ length: 10 }, () =>
      as(author).from('messages').upsert(row, { onConflict: 'id', ignoreDuplicates: true }).select('id'),
    ),
  )
  expect(answers.map(({ error }) => error)).toEqual(answers.map(() => null))
  await as(author).from('messages').insert({ id: uuidv7(), channel_id: channelId, body: 'next' })
  const { data } = await as(author)
    .from('messages')
    .select('body,seq')
    .eq('channel_id', channelId)
    .order('seq')
  expect(data).toEqual([
    { body: 'once', seq: 1 },
    { body: 'next', seq: 2 },
  ])
})

test("somebody else's id is refused and the first message stays as it is", async () => {
  const channelId = channelIds[0] as string
  const [author, thief] = people as [Member, Member]
  const id = uuidv7()
  const mine = await as(author).from('messages').insert({ id, channel_id: channelId, body: 'mine' })
  expect(mine.error).toBeNull()
  const stolen = await as(thief)
    .from('messages')
    .upsert({ id, channel_id: channelId, body: 'stolen' }, { onConflict: 'id', ignoreDuplicates: true })
  expect(stolen.status).toBe(409)
  const { data } = await as(thief).from('messages').select('body,user_id').eq('id', id)
  expect(data).toEqual([{ body: 'mine', user_id: author.userId }])
})

function as(member: Member) {
  const client = clientFor(product.url, product.secrets.publishableKey, member)
  clients.push(client)
  return client
}

/** What one subscribed client hears of a channel, in the order in which it hears it. */
async function listen(member: Member, channelId: string, transport: Transport): Promise<string[]> {
  const heard: string[] = []
  const client = as(member)
  await client.realtime.setAuth(member.token)
  let ready = false
  const hear = (row: Record<string, unknown>) => {
    if (row.channel_id === channelId) heard.push(`${row.seq} ${row.id}`)
  }
  if (transport === 'broadcast') {
    client
      .channel(`changes:channel:${channelId}`, { config: { private: true } })
      .on('broadcast', { event: 'change' }, ({ payload }) => {
        if (payload.table === 'messages' && payload.type === 'INSERT') hear(payload.record)
      })
      .subscribe((status) => {
        ready = status === 'SUBSCRIBED'
      })
  } else {
    client
      .channel(`order-${member.userId}`)
      .on('postgres_changes', { event: 'INSERT', schema: 'public', table: 'messages' }, ({ new: row }) =>
        hear(row),
      )
      .on('system', {}, ({ status }) => {
        ready = status === 'ok'
      })
      .subscribe()
  }
  await eventually('the subscription is confirmed', () => ready)
  return heard
}
