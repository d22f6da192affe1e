import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, newId, openWorld, type World } from './personas'

let world: World
let owner: postgres.Sql
beforeAll(async () => {
  world = await openWorld()
  owner = world.database.connect('postgres', { max: 1 })
})
afterAll(async () => {
  await owner?.end()
  await world?.stop()
})

const triggers = () =>
  world.database
    .admin`select tgname from pg_trigger where tgname like '%\_tell' and not tgisinternal order by 1`
const sent = () => world.database.admin<{ topic: string; table: string; type: string; id: string }[]>`
  select topic, payload ->> 'table' as table, payload ->> 'type' as type, payload -> 'record' ->> 'id' as id
  from realtime.messages where event = 'change' order by inserted_at`
/** The topics that a work's changes of one table were sent to. */
async function heard(table: string, work: () => Promise<unknown>): Promise<string[]> {
  await world.database.admin`delete from realtime.messages`
  await work()
  return (await sent()).filter((row) => row.table === table).map(({ topic, type }) => `${type} ${topic}`)
}
const say = (who: 'owner' | 'member', place: 'general' | 'direct' | 'secret', body: string, id = newId()) =>
  world
    .commit(
      who,
      (sql) =>
        sql`insert into messages (id, channel_id, body) values (${id}, ${world.channel[place]}, ${body})`,
    )
    .then(() => id)
const user = (who: 'owner' | 'admin' | 'member' | 'peer' | 'guest') => `changes:user:${world.id[who]}`
const channel = (place: 'general' | 'secret') => `changes:channel:${world.channel[place]}`

test('off, there is no trigger, nothing is sent and clients are told nothing', async () => {
  expect(await triggers()).toEqual([])
  expect(await heard('messages', () => say('owner', 'general', 'unheard'))).toEqual([])
  expect(await world.as('owner', (sql) => call(sql, 'bootstrap'))).toMatchObject({ realtime: null })
})

test('nobody but the owner of the database may switch', async () => {
  for (const who of ['owner', 'admin', 'member', 'guest', 'anonymous'] as const) {
    const attempt = world.as(who, (sql) => sql`select private.set_realtime_transport('broadcast')`)
    await expect(attempt).rejects.toThrow(/permission denied/)
  }
  await expect(owner`select private.set_realtime_transport('pigeon')`).rejects.toThrow(
    'The transport is postgres_changes or broadcast.',
  )
})

describe('on', () => {
  beforeAll(async () => {
    await owner`select private.set_realtime_transport('broadcast')`
    await owner`select private.set_realtime_transport('broadcast')`
  })

  test('clients learn of it', async () => {
    expect(await world.as('guest', (sql) => call(sql, 'bootstrap'))).toMatchObject({ realtime: 'broadcast' })
  })

  test('a message goes to its channel, and to those it mentions who are in it', async () => {
    expect(await heard('messages', () => say('owner', 'general', 'Hello'))).toEqual([
      `INSERT ${channel('general')}`,
    ])
    const [{ handle } = {}] = await world.database.admin<
      { handle?: string }[]
    >`select handle from profiles where id = ${world.id.peer}`
    const topics = await heard('messages', () => say('owner', 'general', `@${handle} look`))
    expect(topics).toEqual([`INSERT ${channel('general')}`, `INSERT ${user('peer')}`])
  })

  test('one of a direct conversation goes to each of its people and nobody else', async () => {
    const topics = await heard('messages', () => say('member', 'direct', 'Between us'))
    expect(topics.sort()).toEqual([`INSERT ${user('member')}`, `INSERT ${user('peer')}`].sort())
  })

  test('what was edited or deleted can not be heard again', async () => {
    const [{ handle } = {}] = await world.database.admin<
      { handle?: string }[]
    >`select handle from profiles where id = ${world.id.peer}`
    const id = await say('owner', 'general', `@${handle} the secret plan`)
    await world.commit('owner', (sql) => sql`update messages set body = 'the open plan' where id = ${id}`)
    expect((await sent()).filter((row) => row.id === id).map(({ type }) => type)).toEqual(['UPDATE'])
    await world.commit('owner', (sql) => sql`select delete_message(${id})`)
    const kept = await world.database.admin<{ text: string }[]>`
      select payload::text as text from realtime.messages where payload -> 'record' ->> 'id' = ${id}`
    expect(kept).toHaveLength(1)
    expect(kept[0]?.text).not.toMatch(/secret|open plan/)
  })

  test('a profile goes to the workspaces of its person and to guests who share a channel', async () => {
    const rename = (who: 'member' | 'owner') => () =>
      world.commit(who, (sql) => sql`update profiles set status_text = 'busy' where id = ${world.id[who]}`)
    expect((await heard('profiles', rename('member'))).sort()).toEqual(
      [
        `UPDATE ${user('member')}`,
        `UPDATE changes:workspace:${world.workspace}`,
        `UPDATE ${user('guest')}`,
      ].sort(),
    )
    expect((await heard('profiles', rename('owner'))).sort()).toEqual(
      [`UPDATE ${user('owner')}`, `UPDATE changes:workspace:${world.workspace}`].sort(),
    )
  })

  test('who leaves is told, and so is the channel; what somebody mutes is their own affair', async () => {
    const { general } = world.channel
    const mute = () =>
      world.commit(
        'peer',
        (sql) =>
          sql`update channel_members set muted_at = now() where channel_id = ${general} and user_id = ${world.id.peer}`,
      )
    expect(await heard('channel_members', mute)).toEqual([`UPDATE ${user('peer')}`])
    const leave = () => world.commit('peer', (sql) => sql`select leave_channel(${general})`)
    expect((await heard('channel_members', leave)).sort()).toEqual(
      [`DELETE ${user('peer')}`, `DELETE ${channel('general')}`].sort(),
    )
  })

  test('marks and drafts go to their person only', async () => {
    const { general } = world.channel
    expect(await heard('read_states', () => say('owner', 'general', 'read by me'))).toEqual([
      `UPDATE ${user('owner')}`,
    ])
    const draft = () =>
      world.commit(
        'owner',
        (sql) =>
          sql`insert into drafts (user_id, channel_id, body) values (${world.id.owner}, ${general}, 'so far')`,
      )
    expect(await heard('drafts', draft)).toEqual([`INSERT ${user('owner')}`])
  })

  test('every change that a table publishes for postgres_changes is broadcast as well', async () => {
    const tables = await world.database.admin`
      select p.tablename from pg_publication_tables p
      where p.pubname = 'supabase_realtime' and p.schemaname = 'public' and not exists (
        select from pg_trigger t where t.tgrelid = ('public.' || p.tablename)::regclass and t.tgname = p.tablename || '_tell')`
    expect(tables).toEqual([])
  })

  test('off again, clients are told once and then nothing is sent', async () => {
    const topics = await heard(
      'realtime_transport',
      () => owner`select private.set_realtime_transport('postgres_changes')`,
    )
    expect(topics).toContain(`UPDATE changes:workspace:${world.workspace}`)
    expect(await triggers()).toEqual([])
  })
})
