import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openHttpWorld } from './http-world'
import { newId, type Row, type World } from './personas'

// Attacks that write to the tables and functions of the product over HTTP, against the running server. Each is made beside a request of
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
const stored = async (table: string, id: string) =>
  (await http.admin`select * from ${http.admin(table)} where id = ${id}`)[0]

describe('writing', () => {
  test('A05 what the server decides about a message, not its author', async () => {
    const id = newId()
    const message = { id, channel_id: world.channel.general, body: 'Mine' }
    expect((await send('member', 'POST', 'messages', message)).status).toBe(201)
    const forged = {
      ...{ user_id: world.id.owner, created_at: '1999-01-01', seq: 1, rev: 1, edited_at: '2000-01-01' },
      ...{ reactions: { x: [] }, mentions: [world.id.owner], deleted_at: '2000-01-01' },
    }
    for (const [column, value] of Object.entries(forged)) {
      const row = { ...message, id: newId(), [column]: value }
      expect(await send('member', 'POST', 'messages', row), column).toMatchObject({
        ...{ status: 403, body: { code: '42501' } },
      })
      const patched = await send('member', 'PATCH', `messages?id=eq.${id}`, { [column]: value })
      expect(patched, column).toMatchObject({ status: 403, body: { code: '42501' } })
    }
    // Files are named by ids of the own ones; what they look like is not the author's to say.
    const files = [{ name: 'x', url: 'https://evil.test' }]
    const dressed = await send('member', 'POST', 'messages', { ...message, id: newId(), attachments: files })
    expect(dressed).toMatchObject({ status: 404, body: { details: 'attachment_not_found' } })
    const patched = await send('member', 'PATCH', `messages?id=eq.${id}`, { attachments: files })
    expect(patched).toMatchObject({ status: 403, body: { code: '42501' } })
    expect(await stored('messages', id)).toMatchObject({
      user_id: world.id.member,
      body: 'Mine',
      edited_at: null,
    })
  })

  test('A06 moving a message, a draft or a reaction elsewhere', async () => {
    const path = `messages?id=eq.${world.message.general}`
    for (const change of [
      { channel_id: world.channel.lobby },
      { user_id: world.id.member },
      { thread_id: newId() },
    ]) {
      expect((await send('owner', 'PATCH', path, change)).status).toBe(403)
    }
    expect((await send('owner', 'PATCH', path, { body: 'Welcome, everybody!' })).body).toHaveLength(1)
    const draft = { channel_id: world.channel.general, body: 'x' }
    const { body } = await send('member', 'POST', 'drafts', draft)
    const own = `drafts?id=eq.${body[0].id}`
    expect((await send('member', 'PATCH', own, { user_id: world.id.owner })).status).toBe(403)
    expect((await send('member', 'PATCH', own, { channel_id: world.channel.lobby })).status).toBe(403)
    expect((await send('member', 'PATCH', own, { body: 'y' })).body).toHaveLength(1)
    expect((await send('owner', 'PATCH', own, { body: 'z' })).body).toEqual([])
  })

  test('A07 making oneself a member, or more than one', async () => {
    const row = { channel_id: world.channel.secret, user_id: world.id.admin, workspace_id: world.workspace }
    for (const who of ['admin', 'member', 'outsider', 'removed'] as const) {
      expect((await send(who, 'POST', 'channel_members', row)).status).toBe(403)
      const joined = { workspace_id: world.workspace, user_id: world.id.outsider, role: 'owner' }
      expect((await send(who, 'POST', 'workspace_members', joined)).status).toBe(403)
      const promoted = `workspace_members?user_id=eq.${world.id.member}`
      expect((await send(who, 'PATCH', promoted, { role: 'owner' })).status).toBe(403)
    }
    // Control: what is one's own about a membership can be changed.
    const mine = `channel_members?user_id=eq.${world.id.member}&channel_id=eq.${world.channel.secret}`
    expect((await send('member', 'PATCH', mine, { starred_at: '2026-01-01' })).body).toHaveLength(1)
  })

  test('A08 writing over somebody’s row by an upsert', async () => {
    const merge = { prefer: 'resolution=merge-duplicates,return=representation' }
    const row = { id: world.message.general, channel_id: world.channel.general, body: 'Overwritten' }
    const answer = await send('member', 'POST', 'messages?on_conflict=id', row, merge)
    expect(answer).toMatchObject({ status: 403, body: { code: '42501' } })
    expect((await stored('messages', row.id))?.body).toContain('Welcome')
    const profile = { id: world.id.owner, display_name: 'Taken over' }
    expect((await send('member', 'POST', 'profiles?on_conflict=id', profile, merge)).status).toBe(403)
    const draft = { user_id: world.id.owner, channel_id: world.channel.general, body: 'put in' }
    const into = 'drafts?on_conflict=user_id,channel_id,thread_id'
    expect((await send('member', 'POST', into, draft, merge)).status).toBe(403)
    // Control: one's own is written over.
    const own = { ...draft, user_id: world.id.member }
    expect((await send('member', 'POST', into, own, merge)).body).toMatchObject([{ body: 'put in' }])
    expect((await send('member', 'POST', into, { ...own, body: 'again' }, merge)).body).toMatchObject([
      { body: 'again' },
    ])
  })

  test('A09 a write without a filter, or with one that takes everything', async () => {
    const { admin } = http
    const others = () => admin`select id, body from messages where user_id <> ${world.id.member} order by 1`
    const before = await others()
    for (const table of ['messages', 'profiles', 'reactions']) {
      expect((await ask('member', table, { method: 'DELETE' })).status, table).toBe(400)
      expect((await send('member', 'PATCH', table, { body: 'x' })).status, table).toBe(400)
    }
    const all = await send('member', 'PATCH', 'messages?id=not.is.null', { body: 'All mine' })
    expect(all.body.map(({ user_id }: Row) => user_id)).toContain(world.id.member)
    expect(new Set(all.body.map(({ user_id }: Row) => user_id)).size).toBe(1)
    expect(await others()).toEqual(before)
    const people = await send('member', 'PATCH', 'profiles?id=not.is.null', { status_text: 'Everybody' })
    expect(people.body.map(({ id }: Row) => id)).toEqual([world.id.member])
    expect((await ask('member', 'messages?id=not.is.null', { method: 'DELETE' })).status).toBe(403)
    const reaction = { message_id: world.message.general, emoji: '👍' }
    for (const who of ['member', 'owner'] as const) await send(who, 'POST', 'reactions', reaction)
    await ask('member', 'reactions?emoji=not.is.null', { method: 'DELETE' })
    const left = await admin`select user_id from reactions`
    expect(left.map(({ user_id }) => user_id)).toEqual([world.id.owner])
  })
})
