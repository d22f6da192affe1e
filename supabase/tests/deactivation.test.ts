import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, newId, openWorld, type Persona, type Row, refusal, type World } from './personas'

type Person = Exclude<Persona, 'anonymous'>
let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.stop())

const args = (whose: Person) => ({ workspace_id: world.workspace, user_id: world.id[whose] })
const deactivate = (who: Persona, whose: Person) =>
  world.as(who, (sql) => call(sql, 'deactivate_member', args(whose)))
const change = (who: Persona, verb: 'deactivate' | 'reactivate', whose: Person) =>
  world.commit(who, (sql) => call(sql, `${verb}_member`, args(whose)))
const bannedUntil = async (whose: Person) =>
  (await world.database.admin`select banned_until from auth.users where id = ${world.id[whose]}`)[0]
    ?.banned_until
const send = (token: Row) =>
  world.withToken(
    token,
    (sql) => sql`insert into messages ${sql({ id: newId(), channel_id: world.channel.general, body: 'Hi' })}`,
  )

describe('who may', () => {
  test('owner: anybody, but not the last owner', async () => {
    for (const whose of ['admin', 'member', 'guest'] as const) {
      expect(await deactivate('owner', whose)).toMatchObject({ user_id: world.id[whose], role: whose })
    }
    expect(await refusal(deactivate('owner', 'owner'))).toBe('last_owner')
    expect(await refusal(deactivate('owner', 'outsider'))).toBe('person_not_found')
  })

  test('admin: members and guests', async () => {
    expect((await deactivate('admin', 'member')).deactivated_at).toBeTruthy()
    expect(await refusal(deactivate('admin', 'owner'))).toBe('not_allowed')
    expect(await refusal(deactivate('admin', 'admin'))).toBe('not_allowed')
  })

  test('nobody else', async () => {
    for (const who of ['member', 'guest'] as const)
      expect(await refusal(deactivate(who, 'peer'))).toBe('not_allowed')
    expect(await refusal(deactivate('outsider', 'peer'))).toBe('workspace_not_found')
    expect(await refusal(deactivate('anonymous', 'peer'))).toBe('42501')
    await change('owner', 'deactivate', 'guest')
    const back = (who: Persona) => world.as(who, (sql) => call(sql, 'reactivate_member', args('guest')))
    expect(await refusal(back('member'))).toBe('not_allowed')
    expect(await refusal(back('guest'))).toBe('workspace_not_found')
    expect(await back('admin')).toMatchObject({ deactivated_at: null })
    await change('admin', 'reactivate', 'guest')
  })
})

describe('somebody who is deactivated', () => {
  test('is signed out, sees and writes nothing, and has everything again afterwards', async () => {
    const token = await world.signIn(world.id.member)
    const shown = () =>
      world.withToken(token, async (sql) => ({
        messages: (await sql`select id from messages`).length,
        channels: (await sql`select id from channels`).length,
        people: (await sql`select id from profiles`).length,
      }))
    const before = await shown()
    expect(before.messages).toBeGreaterThan(0)
    await change('admin', 'deactivate', 'member')
    expect(await shown()).toEqual({ messages: 0, channels: 0, people: 0 })
    expect(await refusal(send(token))).toBe('session_not_enough')
    expect(
      await world.database.admin`select from auth.sessions where user_id = ${world.id.member}`,
    ).toHaveLength(0)
    expect(await bannedUntil('member')).toEqual(new Date('9999-12-31T00:00:00Z'))
    const asked = await world.withToken(token, (sql) => call(sql, 'session_requirements'))
    expect(asked).toMatchObject({ ok: false, ended: true, deactivated: true })

    const others = await world.as('owner', (sql) =>
      call(sql, 'list_members', { workspace_id: world.workspace }),
    )
    expect(others.find((each: Row) => each.id === world.id.member).deactivated_at).toBeTruthy()
    expect(others.find((each: Row) => each.id === world.id.peer).deactivated_at).toBe(null)
    const { people } = await world.as('owner', (sql) => call(sql, 'bootstrap'))
    expect(people.find((each: Row) => each.id === world.id.member).deactivated_at).toBeTruthy()

    await change('admin', 'reactivate', 'member')
    expect(await bannedUntil('member')).toBe(null)
    // The old token stays what it was: ended.
    expect(await refusal(send(token))).toBe('session_not_enough')
    const again = await world.signIn(world.id.member)
    Object.assign(token, again)
    expect(await shown()).toEqual(before)
    await send(again)
  })

  test('keeps an account that is still used elsewhere, without a way back in', async () => {
    const { admin } = world.database
    await admin`insert into workspace_members (workspace_id, user_id, role) values (${world.elsewhere}, ${world.id.peer}, 'member')`
    const { code } = await world.commit('owner', (sql) =>
      call(sql, 'create_invitation', { workspace_id: world.workspace }),
    )
    await change('owner', 'deactivate', 'peer')
    expect(await bannedUntil('peer')).toBe(null)
    await world.as('peer', async (sql) => {
      expect((await sql`select id from workspaces`).map(({ id }) => id)).toEqual([world.elsewhere])
      expect(await sql`select id from messages where channel_id = ${world.channel.direct}`).toEqual([])
      expect((await call(sql, 'bootstrap')).workspaces).toHaveLength(1)
      expect(await refusal(sql.savepoint((s) => call(s, 'accept_invitation', { code })))).toBe('deactivated')
    })
    // Leaving the last workspace that took them shuts the account; being forgotten by all opens it.
    await admin`delete from workspace_members where workspace_id = ${world.elsewhere} and user_id = ${world.id.peer}`
    expect(await bannedUntil('peer')).not.toBe(null)
    await world.scene(async (speak) => {
      await call(await speak('owner'), 'remove_workspace_member', args('peer'))
    })
    await change('owner', 'reactivate', 'peer')
    expect(await bannedUntil('peer')).toBe(null)
  })

  test('who was banned by somebody else stays so', async () => {
    const { admin } = world.database
    await admin`update auth.users set banned_until = '2100-01-01' where id = ${world.id.guest}`
    await change('owner', 'deactivate', 'admin')
    await change('owner', 'reactivate', 'admin')
    expect(await bannedUntil('guest')).toEqual(new Date('2100-01-01T00:00:00Z'))
    // Nor is that ban lifted by whoever may deactivate them, twice or while it runs out.
    for (let round = 0; round < 2; round++) {
      await change('owner', 'deactivate', 'guest')
      await change('owner', 'deactivate', 'guest')
      expect(await bannedUntil('guest')).not.toEqual(new Date('2100-01-01T00:00:00Z'))
      await change('owner', 'reactivate', 'guest')
      expect(await bannedUntil('guest')).toEqual(new Date('2100-01-01T00:00:00Z'))
    }
    await change('owner', 'deactivate', 'admin')
    expect(await bannedUntil('admin')).not.toBe(null)
    await change('owner', 'reactivate', 'admin')
    expect(await bannedUntil('admin')).toBe(null)
    await admin`update workspace_members set role = 'guest' where user_id = ${world.id.guest}`
    expect(await bannedUntil('guest')).toEqual(new Date('2100-01-01T00:00:00Z'))
  })

  test('as an owner counts no longer as one', async () => {
    await world.database.admin`update workspace_members set role = 'owner' where user_id = ${world.id.admin}`
    await change('owner', 'deactivate', 'admin')
    const leave = world.as('owner', (sql) => call(sql, 'leave_workspace', { workspace_id: world.workspace }))
    expect(await refusal(leave)).toBe('last_owner')
    await change('owner', 'reactivate', 'admin')
    expect(
      await world.as('owner', (sql) => call(sql, 'leave_workspace', { workspace_id: world.workspace })),
    ).toMatchObject({ user_id: world.id.owner })
  })
})

test('nothing that is being sent slips in behind it', async () => {
  const token = await world.signIn(world.id.peer)
  const sends = Array.from({ length: 40 }, () =>
    world
      .withToken(
        token,
        (sql) =>
          sql`insert into messages ${sql({ id: newId(), channel_id: world.channel.random, body: 'Race' })}`,
        'commit',
      )
      .then(
        () => 'sent',
        () => 'refused',
      ),
  )
  await change('owner', 'deactivate', 'peer')
  const [at] = await world.database.admin`select count(*)::int as sent from messages where body = 'Race'`
  const outcomes = await Promise.all(sends)
  const [after] = await world.database.admin`select count(*)::int as sent from messages where body = 'Race'`
  expect(after).toEqual(at)
  expect(outcomes.filter((each) => each === 'sent')).toHaveLength(after?.sent)
})

describe('somebody who is in another workspace too', () => {
  const sessions = async (whose: Person) =>
    (await world.database.admin`select from auth.sessions where user_id = ${world.id[whose]}`).length

  test('stays signed in there when an owner shuts them out who has no say in it', async () => {
    await change('owner', 'reactivate', 'peer')
    await world.database
      .admin`insert into workspace_members (workspace_id, user_id) values (${world.elsewhere}, ${world.id.peer})`
    const token = await world.signIn(world.id.peer)
    await world.commit('outsider', (sql) =>
      call(sql, 'deactivate_member', { workspace_id: world.elsewhere, user_id: world.id.peer }),
    )
    expect(await sessions('peer')).toBe(1)
    expect(await world.withToken(token, (sql) => sql`select from messages`)).not.toHaveLength(0)
    expect(
      await world.withToken(token, (sql) => sql`select from workspaces where id = ${world.elsewhere}`),
    ).toHaveLength(0)
  })

  test('is signed out by an owner of the installation', async () => {
    await world.signIn(world.id.peer)
    await change('owner', 'deactivate', 'peer')
    expect(await sessions('peer')).toBe(0)
    await change('owner', 'reactivate', 'peer')
  })
})
