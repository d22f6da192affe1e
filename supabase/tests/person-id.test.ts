import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bear, call, newId, openWorld, type Row, refusal, type World } from './personas'

// A token alone opens nothing: the session behind it must stand, the account be usable, the sign-in strong enough.

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.stop())

/** Channels that the bearer of a token can see anything of, and whether they can write. */
const reach = (token: Row) =>
  world.withToken(token, async (sql) => {
    const seen = await sql`select id from messages where channel_id = ${world.channel.general}`
    const row = { id: newId(), channel_id: world.channel.general, body: 'Hello' }
    const sent = sql.savepoint((inner) => inner`insert into messages ${inner(row)}`)
    return [
      seen.length > 0,
      await sent.then(
        () => 'sent',
        (error) => error.detail ?? error.code,
      ),
    ]
  })
const OPEN = [true, 'sent']
const SHUT = [false, 'session_not_enough']
const addFactor = async (person: string, status = 'verified') => {
  const id = randomUUID()
  await world.database
    .admin`insert into auth.mfa_factors (id, user_id, factor_type, status, created_at, updated_at)
    values (${id}, ${person}, 'totp', ${status}::auth.factor_status, now(), now())`
  return id
}

describe('a session', () => {
  test('opens what its person may see, and nothing from its end on', async () => {
    const token = await world.signIn(world.id.member)
    expect(await reach(token)).toEqual(OPEN)
    await world.database.admin`delete from auth.sessions where id = ${token.session_id}`
    expect(await reach(token)).toEqual(SHUT)
    expect(await reach(await world.signIn(world.id.member))).toEqual(OPEN)
  })

  test('that is over by its own date opens nothing', async () => {
    const token = await world.signIn(world.id.member)
    const until = (date: string) =>
      world.database.admin`update auth.sessions set not_after = ${date} where id = ${token.session_id}`
    await until('2100-01-01')
    expect(await reach(token)).toEqual(OPEN)
    await until('2000-01-01')
    expect(await reach(token)).toEqual(SHUT)
  })

  test('of somebody else is no session of this person', async () => {
    const { session_id } = await world.signIn(world.id.peer)
    expect(await reach({ sub: world.id.peer, session_id })).toEqual(OPEN)
    expect(await reach({ sub: world.id.member, session_id })).toEqual(SHUT)
    expect(await reach({ sub: world.id.member, session_id: randomUUID() })).toEqual(SHUT)
  })

  test('need not be named by tokens that no sign-in made', async () => {
    expect(await reach({ sub: world.id.member })).toEqual(OPEN)
  })

  test('of a banned or deleted account opens nothing', async () => {
    const person = world.id.peer
    const token = await world.signIn(person)
    const { admin } = world.database
    await admin`update auth.users set banned_until = now() - interval '1 second' where id = ${person}`
    expect(await reach(token)).toEqual(OPEN)
    await admin`update auth.users set banned_until = now() + interval '1 hour' where id = ${person}`
    expect(await reach(token)).toEqual(SHUT)
    await admin`update auth.users set banned_until = null, deleted_at = now() where id = ${person}`
    expect(await reach(token)).toEqual(SHUT)
    await admin`update auth.users set deleted_at = null where id = ${person}`
    expect(await reach(token)).toEqual(OPEN)
  })
})

describe('a second factor', () => {
  test('is asked for as soon as the person has a verified one', async () => {
    const [weak, strong] = [
      await world.signIn(world.id.admin),
      await world.signIn(world.id.admin, { aal: 'aal2' }),
    ]
    await addFactor(world.id.admin, 'unverified')
    expect(await reach(weak)).toEqual(OPEN)
    const factor = await addFactor(world.id.admin)
    expect(await reach(weak)).toEqual(SHUT)
    expect(await reach(strong)).toEqual(OPEN)
    expect(await reach({ sub: world.id.admin })).toEqual(SHUT)
    await world.database.admin`delete from auth.mfa_factors where id = ${factor}`
    expect(await reach(weak)).toEqual(OPEN)
  })

  test('counts only as long as the session has it', async () => {
    const factor = await addFactor(world.id.admin)
    const token = await world.signIn(world.id.admin, { aal: 'aal2' })
    expect(await reach(token)).toEqual(OPEN)
    await world.database.admin`update auth.sessions set aal = 'aal1' where id = ${token.session_id}`
    expect(await reach(token)).toEqual(SHUT)
    await world.database.admin`delete from auth.mfa_factors where id = ${factor}`
  })
})

describe('without one', () => {
  test('nothing that means "the server itself" is open either', async () => {
    const token = await world.signIn(world.id.member)
    await world.database.admin`delete from auth.sessions where id = ${token.session_id}`
    const attempt = (work: Parameters<typeof world.withToken>[1]) => refusal(world.withToken(token, work))
    const { general } = world.message
    expect(
      await attempt((sql) => sql`insert into reactions ${sql({ message_id: general, emoji: '👍' })}`),
    ).toBe('session_not_enough')
    expect(
      await attempt((sql) => sql`insert into reactions ${sql({ message_id: newId(), emoji: '👍' })}`),
    ).toBe('session_not_enough')
    expect(
      await attempt(
        (sql) => sql`insert into drafts ${sql({ channel_id: world.channel.general, body: 'x' })}`,
      ),
    ).toBe('42501')
    expect(await attempt((sql) => call(sql, 'create_workspace', { name: 'Mine' }))).toBe('session_not_enough')
    expect(await attempt((sql) => call(sql, 'bootstrap'))).toBe('session_not_enough')
    expect(await attempt((sql) => call(sql, 'accept_invitation', { code: 'x' }))).toBe('session_not_enough')
    expect(await attempt((sql) => call(sql, 'channel_page', { channel_id: world.channel.general }))).toBe(
      'channel_not_found',
    )
    const rows = await world.withToken(token, async (sql) => [
      ...(await sql`update profiles set display_name = 'Gone' returning id`),
      ...(await sql`update messages set body = 'Gone' returning id`),
      ...(await sql`delete from reactions returning message_id`),
    ])
    expect(rows).toEqual([])
  })

  test('what was found out about one token says nothing of the next', async () => {
    const [open, shut] = [await world.signIn(world.id.member), await world.signIn(world.id.member)]
    await world.database.admin`delete from auth.sessions where id = ${shut.session_id}`
    await world.withToken(open, async (sql) => {
      expect((await sql`select private.person_id() as id`)[0]?.id).toBe(world.id.member)
      // As realtime does it: another token in the same transaction.
      await sql`select set_config('request.jwt.claims', ${JSON.stringify({ role: 'authenticated', ...shut })}, true)`
      expect((await sql`select private.person_id() as id`)[0]?.id).toBe(null)
      await bear(sql, open)
      expect((await sql`select private.person_id() as id`)[0]?.id).toBe(world.id.member)
    })
  })
})
