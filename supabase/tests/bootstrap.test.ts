import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { become, call, newId, openWorld, type Persona, type Row, refusal, type World } from './personas'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.stop())

const start = (who: Persona, slug: string | null = null) =>
  world.as(who, (sql) => call(sql, 'bootstrap', { workspace_slug: slug }))
const names = (rows: Row[]) => rows.map((row) => row.name ?? row.kind)
const handles = (rows: Row[]) => rows.map((row) => row.handle)
const everybody = ['adam.admin', 'gus.guest', 'mia.member', 'olga.owner', 'pete.peer']

describe('owner', () => {
  test('gets workspace, own channels and people', async () => {
    const app = await start('owner')
    expect(Object.keys(app).sort()).toEqual([
      'as_of',
      'channels',
      'drafts',
      'me',
      'people',
      'realtime',
      'workspace',
      'workspaces',
    ])
    expect(app.me).toMatchObject({ id: world.id.owner, handle: 'olga.owner' })
    expect(app.workspace).toMatchObject({ slug: 'acme', role: 'owner', member_count: 5 })
    expect(app.workspaces).toMatchObject([{ slug: 'acme', role: 'owner', unread: false, mention_count: 0 }])
    expect(names(app.channels)).toEqual(['general', 'lobby', 'random'])
    expect(handles(app.people)).toEqual(everybody)
    expect(app.people.map((person: Row) => person.role)).toEqual([
      'admin',
      'guest',
      'member',
      'owner',
      'member',
    ])
  })
})

describe('admin', () => {
  test('gets no channel they did not join', async () => {
    expect(names((await start('admin')).channels)).toEqual(['general', 'random'])
  })
})

describe('member', () => {
  test('gets conversations with their people, and what waits', async () => {
    const app = await start('member')
    expect(names(app.channels)).toEqual(['general', 'random', 'secret', 'direct'])
    expect(app.channels[3]).toMatchObject({ is_member: true, member_count: 2, mention_count: 0 })
    expect(app.channels[3].member_ids).toEqual([world.id.member, world.id.peer].sort())
    expect(app.channels[0]).toMatchObject({
      head: { last_seq: 1, last_rev: 1, min_rev: 0 },
      read: { last_read_seq: 0, unread_from_seq: null },
    })
    expect(app.workspaces).toMatchObject([{ unread: true, mention_count: 0 }])
    expect((await start('peer')).workspaces).toMatchObject([{ unread: true, mention_count: 1 }])
  })

  test('a muted channel makes no workspace unread', async () => {
    await world.scene(async (speak) => {
      const sql = await speak('admin')
      expect((await call(sql, 'bootstrap')).workspaces).toMatchObject([{ unread: true }])
      await sql`update channel_members set muted_at = now()`
      expect((await call(sql, 'bootstrap')).workspaces).toMatchObject([{ unread: false }])
    })
  })

  test('a workspace of others is none', async () => {
    expect(await start('member', 'elsewhere')).toMatchObject({ workspace: null, channels: [] })
    expect(await start('member', 'nowhere')).toMatchObject({ workspace: null, channels: [] })
    expect(await start('member', 'ACME')).toMatchObject({ workspace: { slug: 'acme' } })
  })
})

describe('guest', () => {
  test('gets own channels and people of shared channels', async () => {
    const app = await start('guest')
    expect(names(app.channels)).toEqual(['secret'])
    expect(handles(app.people)).toEqual(['gus.guest', 'mia.member'])
    expect(app.workspace.role).toBe('guest')
  })
})

describe('outsider', () => {
  test('gets the own workspace', async () => {
    const app = await start('outsider')
    expect(app.workspace.slug).toBe('elsewhere')
    expect(handles(app.people)).toEqual(['otto.outsider'])
  })
})

describe('anonymous', () => {
  test('may not even ask', async () => {
    expect(await refusal(start('anonymous'))).toBe('42501')
  })
})

test('who is in no workspace yet gets themselves', async () => {
  const person = await world.signUp('Nora New')
  const app = await world.database.api.begin(async (sql) => {
    await become(sql, person)
    return await call(sql, 'bootstrap')
  })
  expect(app).toMatchObject({
    me: { display_name: 'Nora New' },
    workspaces: [],
    workspace: null,
    channels: [],
  })
  expect(app.people).toHaveLength(1)
})

test('opens the workspace that was used last', async () => {
  const opened = async () => (await start('outsider')).workspace.slug
  const second = await world.commit('outsider', (sql) => call(sql, 'create_workspace', { name: 'Second' }))
  const write = (channel_id: string) =>
    world.commit(
      'outsider',
      (sql) => sql`insert into messages (id, channel_id, body) values (${newId()}, ${channel_id}, 'Hi')`,
    )
  const [general] = await world.database.admin`
    select id from channels where workspace_id = ${second.id} and name = 'general'`
  await write(general?.id)
  expect(await opened()).toBe('second')
  await write(world.channel.elsewhere)
  expect(await opened()).toBe('elsewhere')
})

describe('what has changed since', () => {
  const since = (who: Persona, as_of: string) =>
    world.as(who, (sql) => call(sql, 'bootstrap', { workspace_slug: 'acme', since: as_of }))

  test('tells of people whose profile or membership changed, and of all else as always', async () => {
    const { as_of, people: _, ...rest } = await start('owner', 'acme')
    expect(await since('owner', as_of)).toMatchObject({ ...rest, people: [] })
    await world.database.admin`
      update public.profiles set display_name = 'Mia New' where id = ${world.id.member}`
    await world.database.admin`
      update public.workspace_members set role = 'member' where user_id = ${world.id.admin}`
    const news = await since('owner', as_of)
    expect(news.people).toMatchObject([
      { handle: 'adam.admin', role: 'member' },
      { display_name: 'Mia New', role: 'member' },
    ])
    expect((await since('owner', news.as_of)).people).toEqual([])
    await world.database.admin`
      update public.workspace_members set role = 'admin' where user_id = ${world.id.admin}`
  })

  test('tells of what was written before the picture and committed after it', async () => {
    let as_of = ''
    await world.database.admin.begin(async (sql) => {
      await sql`update public.profiles set time_zone = 'Europe/Rome' where id = ${world.id.peer}`
      as_of = (await start('owner')).as_of
      expect((await since('owner', as_of)).people).toEqual([])
    })
    expect(handles((await since('owner', as_of)).people)).toEqual(['pete.peer'])
  })

  test('tells of what was written below a savepoint before the picture and committed after it', async () => {
    let as_of = ''
    await world.database.admin.begin(async (sql) => {
      await sql`select pg_current_xact_id()`
      await sql.savepoint(
        (inner) => inner`update public.profiles set time_zone = 'Europe/Paris' where id = ${world.id.peer}`,
      )
      // A snapshot names no transaction within another, and knows those before the last that has ended.
      await world.database.admin`select pg_current_xact_id()`
      as_of = (await start('owner')).as_of
    })
    expect(handles((await since('owner', as_of)).people)).toEqual(['pete.peer'])
  })

  test('tells of whoever is new in a direct conversation, though they are not', async () => {
    const { as_of } = await start('owner')
    await world.commit('peer', (sql) =>
      call(sql, 'open_direct', { workspace_id: world.workspace, user_ids: [world.id.owner] }),
    )
    expect(handles((await since('owner', as_of)).people)).toEqual(['olga.owner', 'pete.peer'])
    expect((await since('admin', as_of)).people).toEqual([])
  })

  test('tells a guest of nobody else', async () => {
    const { as_of } = await start('guest')
    await world.database.admin`update public.profiles set time_zone = 'Europe/Oslo'`
    expect(handles((await since('guest', as_of)).people)).toEqual(['gus.guest', 'mia.member'])
  })

  test('tells of everybody once to whoever may see more people than before', async () => {
    const { as_of } = await start('guest')
    const become = (role: string) =>
      world.database
        .admin`update public.workspace_members set role = ${role} where user_id = ${world.id.guest}`
    await become('member')
    const whole = await since('guest', as_of)
    expect(handles(whole.people)).toEqual(everybody)
    expect((await since('guest', whole.as_of)).people).toEqual([])
    await become('guest')
    expect(handles((await since('guest', whole.as_of)).people)).toEqual(['gus.guest', 'mia.member'])
  })

  test('is everything for a picture of another database, and refused for what is none', async () => {
    const { as_of } = await start('owner')
    const later = String(Number(as_of.split(':')[0]) + 1_000_000)
    for (const of of [`${later}:${later}:`, `1:${2n ** 64n - 1n}:`, '-9:-1:', '1:1:'])
      expect(handles((await since('owner', of)).people)).toEqual(everybody)
    for (const of of ['yesterday', '', '5:4:', '0:0:', '9'.repeat(1_000_000)])
      expect(await refusal(since('owner', of))).toBe('22P02')
  })

  test('counts the members of a large workspace the first time only', async () => {
    const { as_of, workspace } = await start('owner')
    expect((await since('owner', as_of)).workspace.member_count).toBe(workspace.member_count)
    await world.database.admin`
      with people as (
        insert into auth.users (id, aud, role, email, raw_user_meta_data)
        select gen_random_uuid(), 'authenticated', 'authenticated', 'many' || n || '@example.com', '{}'
        from generate_series(1, 1000) n
        returning id
      )
      select count(*) from people`
    await world.database.admin`
      insert into public.workspace_members (workspace_id, user_id, role)
      select ${workspace.id}, u.id, 'member' from auth.users u where u.email like 'many%@example.com'`
    const first = await start('owner')
    expect(first.workspace.member_count).toBe(workspace.member_count + 1000)
    expect(await since('owner', first.as_of)).not.toHaveProperty('workspace.member_count')
  })
})
