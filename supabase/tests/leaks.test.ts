import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { signLegacyToken } from '../../backend/tokens'
import { openHttpWorld, type Who } from './http-world'
import { newId, type Row, type World } from './personas'

// Attacks on the tables and functions of the product over HTTP, against the running server. Each is made beside a request of
// somebody entitled, which shows that there is something to see. The numbers are those of the list of threats.

let http: Awaited<ReturnType<typeof openHttpWorld>>
let world: World
beforeAll(async () => {
  http = await openHttpWorld()
  world = http.world
})
afterAll(() => http.stop())

const ask: (typeof http)['ask'] = (...args) => http.ask(...args)
const send: (typeof http)['send'] = (...args) => http.send(...args)
const rpc: (typeof http)['rpc'] = (...args) => http.rpc(...args)
const STRANGERS = ['outsider', 'removed', 'anonymous'] as const

describe('reading', () => {
  test('A01 a channel one is not in: no rows, and no count either', async () => {
    const exact = { headers: { prefer: 'count=exact' } }
    for (const where of ['secret', 'direct', 'general'] as const) {
      const path = `messages?select=id,body&channel_id=eq.${world.channel[where]}`
      expect(await ask('member', path, exact)).toMatchObject({ status: 200, range: '0-0/1', body: [{}] })
      for (const who of STRANGERS) {
        const answer = await ask(who, path, exact)
        if (who === 'anonymous') expect(answer).toMatchObject({ status: 401, range: null })
        else expect(answer).toMatchObject({ status: 200, range: '*/0', body: [] })
      }
      for (const count of ['planned', 'estimated']) {
        const { range } = await ask('outsider', path, { headers: { prefer: `count=${count}` } })
        const nowhere = path.replace(world.channel[where], randomUUID())
        expect(range).toBe((await ask('outsider', nowhere, { headers: { prefer: `count=${count}` } })).range)
      }
    }
    // An admin of the workspace is no member of its private places.
    expect((await ask('admin', `messages?channel_id=eq.${world.channel.secret}`, exact)).body).toEqual([])
  })

  test('A02 through embeds of any shape: only what one sees of each table', async () => {
    const embeds = [
      'workspaces?select=*,channels(*,messages(*,reactions(*)),channel_members(*))',
      'channels?select=name,messages!inner(id,body)',
      'channels?select=*,said:messages(text:body),who:channel_members(user_id,profiles:workspace_members(*))',
      'messages?select=body,channels(name,workspaces(name,workspace_members(user_id,profiles(handle))))',
      'profiles?select=handle,messages!messages_user_id_fkey(body),workspace_members!workspace_members_user_id_fkey(workspaces(name,channels(name,messages(body))))',
      'messages?select=id,...channels(name,topic)',
    ]
    const secrets = [
      'Between us',
      'Lunch?',
      'secret',
      world.channel.secret,
      world.channel.direct,
      'Nobody here yet',
    ]
    for (const path of embeds) {
      const member = await ask('member', path)
      expect(member.status, `${path} ${member.text.slice(0, 200)}`).toBe(200)
      expect(member.text.length).toBeGreaterThan(50)
      const outsider = await ask('outsider', path)
      expect(outsider.status).toBe(200)
      for (const word of [...secrets, 'Acme', world.workspace, world.id.member, 'mia.member', 'Welcome']) {
        expect(outsider.text, `${word} in ${path}`).not.toContain(word)
      }
      expect((await ask('removed', path)).text).not.toContain('Welcome')
      const admin = await ask('admin', path)
      for (const word of ['Between us', 'Lunch?', world.channel.secret])
        expect(admin.text).not.toContain(word)
      const guest = await ask('guest', path)
      for (const word of ['Welcome', 'olga.owner', world.channel.general])
        expect(guest.text).not.toContain(word)
    }
    // Control: the words are there for who may see them.
    const all = (await Promise.all(embeds.map((path) => ask('member', path)))).map(({ text }) => text).join()
    for (const word of ['Between us', 'Lunch?', 'secret', 'Welcome', 'olga.owner'])
      expect(all).toContain(word)
  })

  test('A04 what is no column of the API: addresses, hashes, codes, factors', async () => {
    const everything = await ask('owner', 'profiles?select=*')
    expect(everything.body.length).toBeGreaterThan(3)
    for (const word of ['@acme.test', 'encrypted_password', 'code_hash', '$2']) {
      expect(everything.text).not.toContain(word)
    }
    const { body: made } = await rpc('owner', 'create_invitation', { workspace_id: world.workspace })
    const rows = await ask('owner', 'invitations?select=*')
    expect(rows.body.map(({ id }: Row) => id)).toContain(made.id)
    expect(rows.text).not.toContain(made.code)
    for (const column of ['email', 'code_hash', 'encrypted_password']) {
      expect((await ask('owner', `profiles?select=${column}`)).status).toBe(400)
    }
    for (const table of ['users', 'recovery_codes', 'invitation_codes', 'mfa_factors', 'channel_access']) {
      expect((await ask('owner', table)).status, table).toBe(404)
    }
  })

  test('A13, A16 other schemas, by header or by name, and what the root tells', async () => {
    expect((await ask('owner', 'workspaces', { headers: { 'accept-profile': 'public' } })).status).toBe(200)
    for (const schema of [
      'auth',
      'private',
      'realtime',
      'storage',
      'pg_catalog',
      'information_schema',
      'extensions',
    ]) {
      const tables = { auth: 'users', private: 'channel_access', realtime: 'messages' } as Record<
        string,
        string
      >
      const path = tables[schema] ?? 'pg_class'
      const answer = await ask('owner', path, { headers: { 'accept-profile': schema } })
      expect(answer, schema).toMatchObject({ status: 406, body: { code: 'PGRST106' } })
      const written = await send('owner', 'POST', path, {}, { 'content-profile': schema })
      expect(written.status, schema).toBe(406)
      expect((await ask('owner', `${schema}.${path}`)).status).toBe(404)
    }
    expect((await ask('member', '')).text).toContain('channel_page')
    expect((await ask('anonymous', '')).text).not.toContain('channel_page')
  })

  test('A17 nothing of a query is SQL or free of limits', async () => {
    const control = await ask('member', 'messages?select=id&order=seq.desc&limit=2&offset=0')
    expect(control.body).toHaveLength(2)
    for (const query of [
      'or=(id.eq.x));drop table messages;--',
      "or=(body.eq.a',body.neq.b)",
      'order=body;drop',
      'order=(select 1)',
      'limit=-1',
      'limit=x',
      'select=count();select 1',
      'select=pg_sleep(1)',
      'select=body::regclass',
      'body=like.*&select=*,auth.users(*)',
    ]) {
      const answer = await ask('outsider', `messages?${query}`)
      expect(answer.status, `${query} ${answer.text}`).toBeLessThan(500)
      expect(answer.text, query).not.toContain('Welcome')
    }
    expect((await ask('member', 'messages?offset=999999999999999999')).status).toBeLessThan(500)
    expect((await ask('member', 'messages?select=id')).body.length).toBeGreaterThan(0)
  })
})

describe('who one is', () => {
  test('A15 a role or metadata of one’s own choice', async () => {
    const me = { sub: world.id.outsider }
    const honest = await http.tokenOf(me)
    expect((await ask('outsider', 'messages', { token: honest })).body).toHaveLength(1)
    for (const role of ['service_role', 'postgres', 'authenticator', 'supabase_admin', 'none']) {
      // Signed by somebody else: the claim is not even read.
      const forged = await signLegacyToken('another secret, which is long enough for HS256', {
        ...me,
        role,
        exp: 4e9,
      })
      expect((await ask('outsider', 'messages', { token: forged })).status, role).toBe(401)
    }
    const decorated = await http.tokenOf({
      ...me,
      user_metadata: { role: 'service_role', aal: 'aal2' },
      app_metadata: { role: 'owner', workspace_id: world.workspace },
    })
    expect((await ask('outsider', 'messages', { token: decorated })).body).toHaveLength(1)
    for (const header of ['x-supabase-role', 'role', 'x-hasura-role', 'x-user-id', 'request.jwt.claims']) {
      const headers = {
        [header]: header.endsWith('claims') ? JSON.stringify({ sub: world.id.owner }) : 'service_role',
      }
      expect((await ask('outsider', 'messages', { headers })).body).toHaveLength(1)
    }
  })

  test('what is remembered of one request says nothing of the next on the same connection', async () => {
    const ended = await world.signIn(world.id.owner)
    const token = await http.tokenOf(ended)
    const all = (who: Who, bearer: string | null = http.tokens[who]) =>
      ask(who, 'messages?select=id', bearer ? { token: bearer } : {}).then(({ body }) => body.length ?? 0)
    const due = { owner: await all('owner'), outsider: await all('outsider'), guest: await all('guest') }
    expect(due.owner).toBeGreaterThan(due.outsider)
    await http.admin`delete from auth.sessions where id = ${ended.session_id}`
    const rounds = Array.from(
      { length: 60 },
      (_, n) => (['owner', 'outsider', 'guest'] as const)[n % 3] ?? 'owner',
    )
    const seen = await Promise.all(rounds.flatMap((who) => [all(who), all('owner', token)]))
    expect(seen).toEqual(rounds.flatMap((who) => [due[who], 0]))
  })
})

describe('A18 ids of another workspace', () => {
  test('look the same as ids of nothing, for every function and table', async () => {
    const calls: [name: string, args: Row, missing: Row][] = [
      ['channel_page', { channel_id: world.channel.general }, { channel_id: newId() }],
      ['thread_page', { root_id: world.message.general }, { root_id: newId() }],
      [
        'search_messages',
        { workspace_id: world.workspace, terms: [{ text: 'welcome' }] },
        { workspace_id: newId(), terms: [{ text: 'welcome' }] },
      ],
      ['message_context', { message_id: world.message.general }, { message_id: newId() }],
      ['delete_message', { message_id: world.message.general }, { message_id: newId() }],
      ['mark_read', { channel_id: world.channel.general, seq: 1 }, { channel_id: newId(), seq: 1 }],
      ['join_channel', { channel_id: world.channel.lobby }, { channel_id: newId() }],
      ['list_members', { workspace_id: world.workspace }, { workspace_id: newId() }],
      [
        'deactivate_member',
        { workspace_id: world.workspace, user_id: world.id.guest },
        { workspace_id: newId(), user_id: newId() },
      ],
    ]
    for (const [name, args, missing] of calls) {
      const [hidden, nothing] = [await rpc('outsider', name, args), await rpc('outsider', name, missing)]
      expect(hidden.status, name).toBe(404)
      expect(hidden, name).toEqual(nothing)
      if (!/delete|deactivate/.test(name)) expect((await rpc('owner', name, args)).status, name).toBe(200)
    }
    const reaction = (message_id: string) =>
      send('outsider', 'POST', 'reactions', { message_id, emoji: '👍' })
    expect(await reaction(world.message.general)).toEqual(await reaction(newId()))
    const draft = (channel_id: string) => send('outsider', 'POST', 'drafts', { channel_id, body: 'x' })
    expect(await draft(world.channel.general)).toEqual(await draft(newId()))
  })
})

describe('A21 removal while somebody reads', () => {
  test('no statement that starts after its commit gives a row', async () => {
    const path = `messages?select=id&channel_id=eq.${world.channel.random}`
    await send('owner', 'POST', 'messages', {
      id: newId(),
      channel_id: world.channel.random,
      body: 'For members',
    })
    let over = false
    const early: number[] = []
    const late: number[] = []
    const read = async () => {
      for (let n = 0; n < 200; n++) {
        const startedAfter = over
        const { body } = await ask('peer', path)
        if (startedAfter) {
          late.push(body.length)
          if (late.length > 20) return
        } else early.push(body.length)
      }
    }
    const readers = [read(), read(), read()]
    await new Promise((resolve) => setTimeout(resolve, 50))
    const removal = { channel_id: world.channel.random, user_id: world.id.peer }
    const removed = rpc('owner', 'remove_channel_member', removal).then(() => {
      over = true
    })
    // Reads around the commit may fall on either side; those after it may not.
    await Promise.all([...readers, removed])
    expect(early[0]).toBe(1)
    expect(late.length).toBeGreaterThan(5)
    expect(Math.max(...late)).toBe(0)
  })
})
