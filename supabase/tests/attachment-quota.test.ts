import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openHttpWorld } from './http-world'
import { newId, refusal, type World } from './personas'

// How many bytes of files one person keeps, where the operator of the installation has set a limit.

let http: Awaited<ReturnType<typeof openHttpWorld>>
let world: World
let owner: postgres.Sql
beforeAll(async () => {
  http = await openHttpWorld()
  world = http.world
  owner = world.database.connect('postgres', { max: 1 })
})
afterAll(async () => {
  await owner?.end()
  await http?.stop()
})

const allow = (bytes: number | null) => owner`select private.set_attachment_quota(${bytes}::bigint)`
type Who = 'member' | 'peer'
const attach = (who: Who, size: number, id = newId()) =>
  world.commit(
    who,
    (sql) =>
      sql`insert into attachments ${sql({ id, channel_id: world.channel.general, name: 'a.bin', type: 'a/b', size })}`,
  )

test('without a limit nothing is counted; nobody but the owner of the database sets one', async () => {
  await attach('member', 1_000_000_000)
  for (const who of ['owner', 'admin', 'member', 'guest', 'anonymous'] as const) {
    const attempt = world.as(who, (sql) => sql`select private.set_attachment_quota(1)`)
    expect(await refusal(attempt), who).toBe('42501')
    expect(await refusal(world.as(who, (sql) => sql`select * from private.limits`)), who).toBe('42501')
  }
  expect(await refusal(allow(0))).toBe('23514')
})

test('a person keeps as much as is allowed, whoever else keeps what', async () => {
  await allow(1_000)
  await world.commit('member', (sql) => sql`delete from attachments`)
  await attach('member', 600)
  expect(await refusal(attach('member', 401))).toBe('attachments_full')
  await attach('member', 400)
  expect(await refusal(attach('member', 1))).toBe('attachments_full')
  await attach('peer', 1_000)
  await allow(1_001)
  await attach('member', 1)
  await allow(null)
  await attach('member', 5_000)
})

test('what goes makes room, and so does what is deleted with its message', async () => {
  await world.commit('member', (sql) => sql`delete from attachments`)
  await allow(10)
  const id = newId()
  await attach('member', 7, id)
  const messageId = newId()
  await world.commit('member', async (sql) => {
    await sql`insert into storage.objects (bucket_id, name, metadata)
      values ('attachments', ${`${world.channel.general}/${id}`}, '{"size": 9}')`
    await sql`insert into messages ${sql({ id: messageId, channel_id: world.channel.general, body: '', attachments: sql.json([id]) })}`
  })
  // What was stored counts, not what was said.
  expect(await refusal(attach('member', 2))).toBe('attachments_full')
  await attach('member', 1)
  await world.commit('member', (sql) => sql`select delete_message(${messageId})`)
  await attach('member', 9)
})

test('a file that waits counts with what came of it, and two at one moment do not both find room', async () => {
  await world.commit('member', (sql) => sql`delete from attachments`)
  const id = newId()
  await attach('member', 1, id)
  await world.commit(
    'member',
    (sql) => sql`insert into storage.objects (bucket_id, name, metadata)
      values ('attachments', ${`${world.channel.general}/${id}`}, '{"size": 8}')`,
  )
  expect(await refusal(attach('member', 3))).toBe('attachments_full')
  const results = await Promise.allSettled([attach('member', 2), attach('member', 2), attach('member', 2)])
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

test('over HTTP it is 413 with the reason and what to do', async () => {
  const { server, tokens } = http
  const answer = await fetch(`${server.url}/rest/v1/attachments`, {
    method: 'POST',
    headers: {
      apikey: server.publishableKey,
      authorization: `Bearer ${tokens.member}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      ...{ id: randomUUID(), channel_id: world.channel.general, name: 'a.bin', type: 'a/b', size: 100 },
    }),
  })
  expect(answer.status).toBe(413)
  expect(await answer.json()).toMatchObject({
    details: 'attachments_full',
    message: 'With this file you would keep more than the server allows each person.',
    hint: expect.stringContaining('ask an administrator'),
  })
})
