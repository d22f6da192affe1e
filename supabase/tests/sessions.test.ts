import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, openWorld, type Row, refusal, type World } from './personas'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.stop())

const ask = (token: Row, name: string, args: Row = {}) =>
  world.withToken(token, (sql) => call(sql, name, args))
const change = (token: Row, name: string, args: Row = {}) =>
  world.withToken(token, (sql) => call(sql, name, args), 'commit')

describe('one’s own sessions', () => {
  test('are listed with what tells them apart, and no others', async () => {
    const other = await world.signIn(world.id.member, { aal: 'aal2' })
    const current = await world.signIn(world.id.member)
    await world.signIn(world.id.peer)
    const found = await ask(current, 'list_sessions')
    expect(found.map(({ id, is_current, aal }: Row) => [id, is_current, aal]).sort()).toEqual(
      [
        [other.session_id, false, 'aal2'],
        [current.session_id, true, 'aal1'],
      ].sort(),
    )
    expect(found[0]).toMatchObject({ user_agent: 'Test browser', ip: '192.0.2.7' })
    expect(Object.keys(found[0]).sort()).toEqual(
      ['aal', 'created_at', 'id', 'ip', 'is_current', 'last_used_at', 'user_agent'].sort(),
    )
  })

  test('are ended one by one, or all but this one', async () => {
    const [first, second, third] = [
      await world.signIn(world.id.admin),
      await world.signIn(world.id.admin),
      await world.signIn(world.id.admin),
    ]
    expect(await change(first, 'end_session', { session_id: second.session_id })).toEqual({
      session_id: second.session_id,
    })
    expect(await ask(second, 'list_sessions')).toEqual([])
    expect(await change(first, 'end_other_sessions')).toEqual({ ended: 1 })
    expect(await ask(third, 'session_requirements')).toMatchObject({ ok: false, ended: true })
    expect(await ask(first, 'session_requirements')).toMatchObject({ ok: true, ended: false })
  })

  test('are the only ones that one can end', async () => {
    const [mine, theirs] = [await world.signIn(world.id.owner), await world.signIn(world.id.guest)]
    expect(await refusal(change(mine, 'end_session', { session_id: theirs.session_id }))).toBe(
      'session_not_found',
    )
    expect(await refusal(change(mine, 'end_session', { session_id: randomUUID() }))).toBe('session_not_found')
    await change(mine, 'end_other_sessions')
    expect(await ask(theirs, 'list_sessions')).toHaveLength(1)
    expect(await refusal(world.as('anonymous', (sql) => call(sql, 'list_sessions')))).toBe('42501')
    expect(await refusal(world.as('anonymous', (sql) => call(sql, 'end_other_sessions')))).toBe('42501')
  })
})

describe('what a sign-in lacks', () => {
  const fine = {
    ...{ ok: true, ended: false, second_factor: 'none', sso: false, deactivated: false, workspaces: [] },
  }

  test('is nothing as long as nobody asks for more', async () => {
    expect(await ask(await world.signIn(world.id.member), 'session_requirements')).toEqual(fine)
    expect(await ask({ sub: world.id.member }, 'session_requirements')).toEqual(fine)
    expect(await refusal(world.as('anonymous', (sql) => call(sql, 'session_requirements')))).toBe('42501')
  })

  test('is a code when there is a second factor', async () => {
    const token = await world.signIn(world.id.peer)
    await world.database
      .admin`insert into auth.mfa_factors (id, user_id, factor_type, status, created_at, updated_at)
      values (${randomUUID()}, ${world.id.peer}, 'totp', 'verified', now(), now())`
    expect(await ask(token, 'session_requirements')).toEqual({ ...fine, ok: false, second_factor: 'verify' })
    const strong = await world.signIn(world.id.peer, { aal: 'aal2' })
    expect(await ask(strong, 'session_requirements')).toEqual(fine)
  })
})
