import type { SupabaseClient } from '@supabase/supabase-js'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { timelineReads } from '@/features/messages/queries'
import type { Message } from '@/features/messages/schema'
import { Timelines } from '@/features/messages/timelines'
import { clientFor, eventually } from './api'
import { type Member, makeCrowd, makeWorkspace } from './crowd'
import { type Proxy as FaultProxy, startProxy } from './proxy'
import { product } from './shared-product'

const key = product.secrets.publishableKey
let proxy: FaultProxy
let author: SupabaseClient
let reader: SupabaseClient
let timelines: Timelines
let channelId: string
let joins = 0

beforeAll(async () => {
  proxy = await startProxy({ port: product.port })
  const people = (await makeCrowd(product, 2)) as [Member, Member]
  const made = await makeWorkspace(product, people, [{ name: 'far-away', kind: 'private' }])
  channelId = made.channelIds[0] as string
  author = clientFor(product.url, key, people[0])
  reader = clientFor(proxy.url, key, people[1])
  await reader.realtime.setAuth(people[1].token)
  // The product's own sync code, fed as its sync loop feeds it: rows from the socket, a catch-up at each join.
  timelines = new Timelines({
    reads: timelineReads(reader),
    people: () => {},
    channel: () => {},
    kept: async () => undefined,
    head: () => undefined,
  })
  reader
    .channel('messages')
    .on('postgres_changes', { event: '*', schema: 'public', table: 'messages' }, ({ new: row }) =>
      timelines.receive([row as Message]),
    )
    .on('system', {}, ({ status }) => {
      if (status === 'ok') joins++
      void timelines.catchUp(channelId)
    })
    .subscribe()
  await write(30)
  await timelines.open(channelId)
  await eventually('the reader has joined', () => joins > 0)
})

afterAll(async () => {
  timelines?.close()
  await reader?.removeAllChannels()
  await proxy?.stop()
})

test('live: the reader follows', async () => {
  await change(1)
  await endsEqual()
})

test.each(['cut', 'silence'] as const)(
  '%s: edits, deletes, replies and messages of the gap are found',
  async (how) => {
    proxy[how]()
    for (let round = 0; round < 5; round++) await change(round)
    proxy.restore()
    await endsEqual()
  },
)

test('a slow line and a short cut, again and again', async () => {
  for (let round = 0; round < 5; round++) {
    proxy.delay(round * 40)
    await change(round)
    proxy.cut()
    await change(round)
    proxy.restore()
  }
  await endsEqual()
})

test('hundreds of messages behind: a fresh window instead of a long catch-up', async () => {
  proxy.cut()
  await write(300)
  await change(0)
  proxy.restore()
  await endsEqual()
})

async function write(count: number) {
  const rows = Array.from({ length: count }, (_, index) => ({
    id: uuidv7(),
    channel_id: channelId,
    body: `written ${index}`,
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
      .update({ body: `edited in round ${round}` })
      .eq('id', edited),
    await author.rpc('delete_message', { message_id: deleted }),
    await author
      .from('messages')
      .insert({ id: uuidv7(), channel_id: channelId, thread_id: root, body: 'a reply' }),
  ]
  expect(answers.map(({ error }) => error)).toEqual([null, null, null])
}

async function endsEqual() {
  const { data } = await author
    .from('messages')
    .select('*')
    .eq('channel_id', channelId)
    .not('seq', 'is', null)
    .order('seq', { ascending: true })
  const truth = (data ?? []) as Message[]
  const rows = () => timelines.get(channelId)?.rows ?? []
  await eventually('the reader has the last change', () => {
    const shown = rows()
    return shown.at(-1)?.seq === truth.at(-1)?.seq && same(shown, truth.slice(-shown.length))
  }).catch(() => {})
  const shown = rows()
  expect(shown.length).toBeGreaterThanOrEqual(30)
  expect(shown).toEqual(truth.slice(-shown.length))
}

const same = (a: readonly Message[], b: readonly Message[]) =>
  a.every((row, index) => row.rev === b[index]?.rev)
