import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, newId, openWorld, type Persona, type Row, refusal, type World } from './personas'

type Place = keyof World['channel']
type Sql = postgres.TransactionSql
let world: World
/** Sent by its author in each place, and waiting, by the same. */
const sent = {} as Record<Place, string>
const waiting = {} as Record<Place, string>
const authors = {
  general: 'member',
  lobby: 'owner',
  secret: 'member',
  direct: 'member',
  elsewhere: 'outsider',
} as const

beforeAll(async () => {
  world = await openWorld()
  for (const place of Object.keys(authors) as (keyof typeof authors)[]) {
    sent[place] = newId()
    waiting[place] = newId()
    await world.commit(authors[place], async (sql) => {
      await upload(sql, sent[place], place)
      await send(sql, place, [sent[place]])
      await upload(sql, waiting[place], place)
    })
  }
})
afterAll(() => world.stop())

const add = (sql: Sql, id: string, place: Place, values: Row = {}) =>
  sql`insert into attachments ${sql({ id, channel_id: world.channel[place], name: 'a.png', type: 'image/png', size: 3, ...values })} returning *`
/** As the storage server does: as the person, under the policies of storage.objects. */
const store = (sql: Sql, id: string, place: Place, metadata: Row = { size: 7, mimetype: 'image/webp' }) =>
  sql`insert into storage.objects (bucket_id, name, metadata)
    values ('attachments', ${`${world.channel[place]}/${id}`}, ${sql.json(metadata)})`
const upload = async (sql: Sql, id: string, place: Place, values?: Row) => {
  await add(sql, id, place, values)
  await store(sql, id, place)
}
const send = (sql: Sql, place: Place, ids: unknown, values: Row = {}) =>
  sql`insert into messages ${sql({ id: newId(), channel_id: world.channel[place], body: '', attachments: sql.json(ids as never), ...values })}
    on conflict (id) do nothing returning *`
const named = (list: Record<string, string>, rows: Row[], column = 'id') =>
  Object.keys(list).filter((place) => rows.some((row) => row[column].endsWith(list[place] as string)))
const sees = (who: Persona) =>
  world.as(who, async (sql) => {
    const rows = await sql`select id from attachments`
    const objects = await sql`select name from storage.objects where bucket_id = 'attachments'`
    const found = { sent: named(sent, rows), waiting: named(waiting, rows) }
    // Rows and bytes are seen by the same people, always.
    expect({ sent: named(sent, objects, 'name'), waiting: named(waiting, objects, 'name') }).toEqual(found)
    return found
  })
const uploads = (who: Persona, place: Place) =>
  world.as(who, async (sql) => {
    const id = newId()
    await upload(sql, id, place)
    return await send(sql, place, [id])
  })
const removes = (who: Persona, id: string) =>
  world.as(who, async (sql) => {
    await sql`select set_config('storage.allow_delete_query', 'true', true)`
    return (await sql`delete from storage.objects where name like ${`%${id}`}`).count
  })
const within = (sql: Sql, work: (inner: Sql) => Promise<unknown>) => refusal(sql.savepoint(work))

describe('owner', () => {
  test('sees the files of own channels and of public ones, and sends in own ones only', async () => {
    expect(await sees('owner')).toEqual({ sent: ['general', 'lobby'], waiting: ['lobby'] })
    expect(await uploads('owner', 'general')).toHaveLength(1)
    expect(await refusal(uploads('owner', 'secret'))).toBe('channel_not_found')
  })

  test('removes what others sent to channels, not what waits, and nothing of conversations', async () => {
    expect(await removes('owner', sent.general)).toBe(1)
    expect(await removes('owner', waiting.general)).toBe(0)
    expect(await removes('owner', sent.direct)).toBe(0)
  })
})

describe('admin', () => {
  test('sees the files of public channels, and sends in own ones only', async () => {
    expect(await sees('admin')).toEqual({ sent: ['general', 'lobby'], waiting: [] })
    expect(await uploads('admin', 'general')).toHaveLength(1)
    expect(await refusal(uploads('admin', 'lobby'))).toBe('not_a_member')
  })
})

describe('member', () => {
  test('sees what the channels show, and what waits of their own', async () => {
    expect(await sees('member')).toEqual({
      sent: ['general', 'lobby', 'secret', 'direct'],
      waiting: ['general', 'secret', 'direct'],
    })
    expect(await sees('peer')).toEqual({ sent: ['general', 'lobby', 'direct'], waiting: [] })
  })

  test('uploads under the own row only, once, and changes no bytes', async () => {
    await world.scene(async (speak) => {
      let sql = await speak('member')
      const id = newId()
      expect(await within(sql, (inner) => store(inner, id, 'general'))).toBe('42501')
      await upload(sql, id, 'general')
      expect((await sql`update storage.objects set metadata = '{}' where name like ${`%${id}`}`).count).toBe(
        0,
      )
      sql = await speak('peer')
      const other = newId()
      expect(await within(sql, (inner) => store(inner, waiting.general, 'general'))).toBe('42501')
      await add(sql, other, 'general')
      await store(sql, other, 'general')
    })
    expect(await refusal(world.as('member', (sql) => store(sql, sent.general, 'general')))).toBe('42501')
  })

  test('sends the own waiting files of the channel, and no others', async () => {
    await world.scene(async (speak) => {
      let sql = await speak('member')
      expect(await within(sql, (inner) => send(inner, 'general', [waiting.secret]))).toBe(
        'attachment_not_found',
      )
      expect(await within(sql, (inner) => send(inner, 'general', [sent.general]))).toBe(
        'attachment_not_found',
      )
      sql = await speak('peer')
      expect(await within(sql, (inner) => send(inner, 'general', [waiting.general]))).toBe(
        'attachment_not_found',
      )
      sql = await speak('member')
      expect(await send(sql, 'general', [waiting.general])).toHaveLength(1)
    })
  })

  test('removes the own files: waiting ones with their row, sent ones with their message', async () => {
    expect(await removes('member', waiting.general)).toBe(1)
    expect(await removes('member', sent.general)).toBe(1)
    expect(await removes('peer', sent.general)).toBe(0)
    await world.scene(async (speak) => {
      const sql = await speak('member')
      expect((await sql`delete from attachments where id = ${sent.general}`).count).toBe(0)
      expect((await sql`delete from attachments where id = ${waiting.general}`).count).toBe(1)
      expect(await sql`select 1 from storage.objects where name like ${`%${waiting.general}`}`).toEqual([])
    })
  })

  test('describes the own files only', async () => {
    const describes = (who: Persona) =>
      world.as(
        who,
        (sql) => sql`update attachments set alt = ' A  cat ' where id = ${sent.general} returning alt`,
      )
    expect(await describes('member')).toEqual([{ alt: 'A cat' }])
    expect(await describes('owner')).toEqual([])
    const renames = world.as(
      'member',
      (sql) => sql`update attachments set name = 'x' where id = ${sent.general}`,
    )
    expect(await refusal(renames)).toBe('42501')
  })

  test('who was removed from the channel has nothing left there, not even what waited', async () => {
    await world.scene(async (speak) => {
      const sql = await speak('member')
      await call(sql, 'leave_channel', { channel_id: world.channel.secret })
      for (const id of [sent.secret, waiting.secret]) {
        expect(await sql`select 1 from attachments where id = ${id}`).toEqual([])
        expect(await sql`select 1 from storage.objects where name like ${`%${id}`}`).toEqual([])
      }
      expect(await within(sql, (inner) => send(inner, 'secret', [waiting.secret]))).toBe('channel_not_found')
    })
  })
})

describe('guest', () => {
  test('sees and sends in own channels only, not in public ones', async () => {
    expect(await sees('guest')).toEqual({ sent: ['secret'], waiting: [] })
    expect(await uploads('guest', 'secret')).toHaveLength(1)
    expect(await refusal(uploads('guest', 'general'))).toBe('channel_not_found')
  })
})

describe('outsider', () => {
  test('sees, sends and removes nothing here', async () => {
    expect(await sees('outsider')).toEqual({ sent: ['elsewhere'], waiting: ['elsewhere'] })
    expect(await refusal(uploads('outsider', 'general'))).toBe('channel_not_found')
    expect(await removes('outsider', sent.general)).toBe(0)
  })
})

describe('anonymous', () => {
  test('may not even ask, and finds no object', async () => {
    expect(await refusal(world.as('anonymous', (sql) => sql`select * from attachments`))).toBe('42501')
    expect(await world.as('anonymous', (sql) => sql`select * from storage.objects`)).toEqual([])
  })
})

describe('a message', () => {
  const state = async (sql: Sql, id: string) =>
    (await sql`select attachments, rev::int, body from messages where id = ${id}`)[0] as Row

  test('carries its files in their order, with size and type as they are stored', async () => {
    await world.scene(async (speak) => {
      const sql = await speak('member')
      const [one, two] = [newId(), newId()]
      await upload(sql, one, 'general', { name: 'C:\\fake\\one.png', width: 40, height: 30, size: 1 })
      await upload(sql, two, 'general', { name: 'two.png', waveform: [1, 100], duration: 1.5 })
      const [row] = await send(sql, 'general', [two, one], { body: 'Look' })
      expect(row?.attachments).toEqual([
        { id: two, name: 'two.png', type: 'image/webp', size: 7, waveform: [1, 100], duration: 1.5 },
        { id: one, name: 'one.png', type: 'image/webp', size: 7, width: 40, height: 30 },
      ])
      expect(
        await sql`select id, kind from attachments where message_id = ${row?.id} order by sent_at`,
      ).toEqual([
        { id: two, kind: 'voice' },
        { id: one, kind: 'image' },
      ])
    })
  })

  test('needs no words when it has files, and may lose its words later; without files it needs them', async () => {
    await world.scene(async (speak) => {
      const sql = await speak('member')
      const [row] = await send(sql, 'general', [waiting.general], { body: 'Look' })
      await sql`update messages set body = '' where id = ${row?.id}`
      expect(await state(sql, row?.id)).toMatchObject({ body: '', attachments: [{ id: waiting.general }] })
      const blank = (inner: Sql) => inner`update messages set body = ' ' where id = ${row?.id}`
      expect(await within(sql, blank)).toBe('empty_message')
      const words = (inner: Sql) => inner`update messages set body = '' where id = ${world.message.secret}`
      expect(await within(sql, words)).toBe('empty_message')
      expect(await within(sql, (inner) => send(inner, 'general', []))).toBe('empty_message')
    })
  })

  test.each([
    ['attachment_not_found', 'x'],
    ['attachment_not_found', {}],
    ['attachment_not_found', [{ url: 'https://evil.test/x.png' }]],
    ['attachment_not_found', ['not-an-id']],
    ['attachment_not_found', [null]],
    ['too_many_attachments', Array.from({ length: 21 }, newId)],
  ])('refuses %s', async (code, ids) => {
    expect(await refusal(world.as('member', (sql) => send(sql, 'general', ids, { body: 'Hi' })))).toBe(code)
  })

  test('names a file once, and only what is uploaded', async () => {
    await world.scene(async (speak) => {
      const sql = await speak('member')
      const twice = (inner: Sql) => send(inner, 'general', [waiting.general, waiting.general])
      expect(await within(sql, twice)).toBe('attachment_not_found')
      const id = newId()
      await add(sql, id, 'general')
      expect(await within(sql, (inner) => send(inner, 'general', [id]))).toBe('attachment_not_uploaded')
      await store(sql, id, 'general')
      expect(await send(sql, 'general', [id])).toHaveLength(1)
    })
  })

  test('keeps the files it was sent with: nobody writes them into it later', async () => {
    const change = world.as(
      'member',
      (sql) =>
        sql`update messages set attachments = ${sql.json([waiting.secret])} where id = ${world.message.secret}`,
    )
    expect(await refusal(change)).toBe('42501')
  })

  test('sent again with its files is the same message', async () => {
    await world.scene(async (speak) => {
      const sql = await speak('member')
      const id = newId()
      expect(await send(sql, 'general', [waiting.general], { id })).toHaveLength(1)
      const before = await state(sql, id)
      expect(await send(sql, 'general', [waiting.general], { id })).toHaveLength(0)
      expect(await state(sql, id)).toEqual(before)
    })
  })

  test('in a thread takes files like any other', async () => {
    await world.scene(async (speak) => {
      const sql = await speak('member')
      const [row] = await send(sql, 'general', [waiting.general], { thread_id: world.message.general })
      expect(row).toMatchObject({ thread_seq: '1', attachments: [{ id: waiting.general }] })
    })
  })

  test('follows a changed description with the next rev', async () => {
    await world.scene(async (speak) => {
      const sql = await speak('member')
      const [row] = await send(sql, 'general', [waiting.general])
      const { rev } = await state(sql, row?.id)
      await sql`update attachments set alt = 'A cat' where id = ${waiting.general}`
      expect(await state(sql, row?.id)).toMatchObject({ rev: rev + 1, attachments: [{ alt: 'A cat' }] })
      await sql`update attachments set alt = 'A cat' where id = ${waiting.general}`
      expect(await state(sql, row?.id)).toMatchObject({ rev: rev + 1 })
    })
  })

  test('that is deleted leaves no file, row or object, whoever deletes it', async () => {
    for (const who of ['member', 'admin'] as const) {
      await world.scene(async (speak) => {
        let sql = await speak('member')
        const [row] = await send(sql, 'general', [waiting.general])
        sql = await speak(who)
        const gone = await call(sql, 'delete_message', { message_id: row?.id })
        expect(gone).toMatchObject({ attachments: [], body: '' })
        sql = await speak('member')
        expect(await sql`select 1 from attachments where id = ${waiting.general}`).toEqual([])
        await sql`set local role service_role`
        const objects = (id: string) => sql`select 1 from storage.objects where name like ${`%${id}`}`
        expect(await objects(waiting.general)).toEqual([])
        expect(await objects(sent.general)).toHaveLength(1)
      })
    }
  })

  test('of an archived channel keeps its files as they are, and takes none', async () => {
    await world.scene(async (speak) => {
      let sql = await speak('owner')
      await call(sql, 'archive_channel', { channel_id: world.channel.random })
      sql = await speak('member')
      expect(await within(sql, (inner) => add(inner, newId(), 'random'))).toBe('channel_archived')
    })
    await world.scene(async (speak) => {
      let sql = await speak('member')
      const id = newId()
      await upload(sql, id, 'random')
      await send(sql, 'random', [id])
      sql = await speak('owner')
      await call(sql, 'archive_channel', { channel_id: world.channel.random })
      sql = await speak('member')
      const describes = (inner: Sql) => inner`update attachments set alt = 'Late' where id = ${id}`
      expect(await within(sql, describes)).toBe('channel_archived')
      expect(await sql`select 1 from attachments where id = ${id}`).toHaveLength(1)
    })
  })
})

describe('limits', () => {
  test.each([
    ['attachment_empty', { size: 0 }],
    ['attachment_too_large', { size: 2 ** 30 + 1 }],
    ['name_blank', { name: ' \u200b ' }],
    ['text_too_long', { name: 'x'.repeat(256) }],
    ['text_too_long', { alt: 'x'.repeat(1001) }],
    ['23514', { width: 3 }],
    ['23514', { waveform: Array(101).fill(1) }],
    ['42501', { user_id: null }],
    ['42501', { message_id: null }],
  ])('refuse %s', async (code, values) => {
    expect(await refusal(world.as('member', (sql) => add(sql, newId(), 'general', values)))).toBe(code)
  })

  test('make a strange type a plain one', async () => {
    const [row] = await world.as('member', (sql) =>
      add(sql, newId(), 'general', { type: 'text/html\r\nx: y' }),
    )
    expect(row?.type).toBe('application/octet-stream')
  })

  test('let a hundred files wait', async () => {
    await world.scene(async (speak) => {
      const sql = await speak('peer')
      for (let n = 0; n < 100; n++) await add(sql, newId(), 'general')
      expect(await within(sql, (inner) => add(inner, newId(), 'general'))).toBe('too_many_attachments')
    })
  })

  test('clear away what waited for a day, of anybody, and nothing else', async () => {
    await world.scene(async (speak) => {
      let sql = await speak('member')
      await sql`set local role service_role`
      await sql`update attachments set created_at = now() - interval '25 hours' where id in ${sql([waiting.general, sent.general])}`
      sql = await speak('owner')
      await add(sql, newId(), 'general')
      await sql`set local role service_role`
      const rows = await sql`select id from attachments`
      expect(named(waiting, rows)).toEqual(['lobby', 'secret', 'direct', 'elsewhere'])
      expect(named(sent, rows)).toEqual(Object.keys(authors))
      const objects = await sql`select name from storage.objects`
      expect(named(waiting, objects, 'name')).not.toContain('general')
    })
  })
})

describe('files that wait for a day while nobody uploads', () => {
  test('are cleared away by the schedule, bytes and all, and nothing else is', async () => {
    const undone = new Error('undone')
    const cleared = world.database.admin.begin(async (sql) => {
      await sql`update attachments set created_at = now() - interval '25 hours' where id in ${sql([waiting.general, sent.general])}`
      await sql`set local role postgres`
      const [scheduled] =
        await sql`select obj_description('private.clear_stale_attachments(int)'::regprocedure) as comment`
      expect(scheduled?.comment).toMatch(/ @scheduled$/)
      await sql`select private.clear_stale_attachments()`
      await sql`set local role service_role`
      const rows = await sql`select id from attachments`
      expect(named(waiting, rows)).toEqual(['lobby', 'secret', 'direct', 'elsewhere'])
      expect(named(sent, rows)).toEqual(Object.keys(authors))
      expect(named(waiting, await sql`select name from storage.objects`, 'name')).not.toContain('general')
      throw undone
    })
    await expect(cleared).rejects.toBe(undone)
  })

  test.each(['owner', 'member', 'anonymous'] as const)('are nothing that the %s clears away', async (who) => {
    expect(await refusal(world.as(who, (sql) => sql`select private.clear_stale_attachments()`))).toBe('42501')
  })
})

describe('pictures of people and workspaces', () => {
  const put = (who: Persona, bucket: string, name: string) =>
    world.as(who, (sql) => sql`insert into storage.objects (bucket_id, name) values (${bucket}, ${name})`)

  test('are changed in the own folder', async () => {
    expect((await put('guest', 'avatars', `${world.id.guest}/a.webp`)).count).toBe(1)
    expect(await refusal(put('guest', 'avatars', `${world.id.member}/a.webp`))).toBe('42501')
    expect(await refusal(put('guest', 'avatars', 'a.webp'))).toBe('42501')
    expect(await refusal(put('anonymous', 'avatars', `${world.id.guest}/a.webp`))).toBe('42501')
  })

  test.each(['owner', 'admin'] as const)('of a workspace by the %s', async (who) => {
    expect((await put(who, 'workspace-icons', `${world.workspace}/a.webp`)).count).toBe(1)
    expect(await refusal(put(who, 'workspace-icons', `${world.elsewhere}/a.webp`))).toBe('42501')
  })

  test.each(['member', 'guest', 'outsider'] as const)('of a workspace not by the %s', async (who) => {
    expect(await refusal(put(who, 'workspace-icons', `${world.workspace}/a.webp`))).toBe('42501')
  })

  test('a bucket that nobody made is closed', async () => {
    await world.database.admin`insert into storage.buckets (id, name) values ('other', 'other')`
    expect(await refusal(put('owner', 'other', `${world.id.owner}/a.webp`))).toBe('42501')
  })
})
