import { afterAll, beforeAll, expect, test } from 'vitest'
import { call, openWorld, PERSONAS, type Persona, refusal, type World } from './personas'

type Person = Exclude<Persona, 'anonymous'>
let world: World
let loner: string
beforeAll(async () => {
  world = await openWorld()
  loner = await world.signUp('Lena Loner')
})
afterAll(() => world.stop())

const may = (who: Persona, user_id: string) =>
  world.as(who, (sql) => call(sql, 'may_reset_password', { user_id }))
const table = async (who: Person) => {
  const answers = await Promise.all(
    PERSONAS.filter((whose): whose is Person => whose !== 'anonymous').map(async (whose) =>
      (await may(who, world.id[whose])) ? whose : null,
    ),
  )
  return answers.filter(Boolean)
}

test('owners of the first workspace may for everybody', async () => {
  expect(await table('owner')).toEqual(['owner', 'admin', 'member', 'peer', 'guest', 'outsider'])
  expect(await may('owner', loner)).toBe(true)
  expect(await may('owner', '00000000-0000-4000-8000-000000000000')).toBe(false)
})

test('others for people whom they outrank, or equal, wherever those are', async () => {
  expect(await table('admin')).toEqual(['admin', 'member', 'peer', 'guest'])
  expect(await table('outsider')).toEqual(['outsider'])
  await world.database
    .admin`insert into workspace_members (workspace_id, user_id) values (${world.elsewhere}, ${world.id.peer})`
  expect(await table('admin')).toEqual(['admin', 'member', 'guest'])
  expect(await table('outsider')).toEqual(['outsider'])
  await world.database
    .admin`insert into workspace_members (workspace_id, user_id, role) values (${world.elsewhere}, ${world.id.admin}, 'admin')`
  expect(await table('admin')).toEqual(['admin', 'member', 'peer', 'guest'])
  // A member elsewhere, an admin here.
  await world.database
    .admin`update workspace_members set role = 'member' where workspace_id = ${world.elsewhere} and user_id = ${world.id.admin}`
  expect(await may('admin', world.id.peer)).toBe(false)
})

test('members, guests and visitors for nobody, and nobody but those for people without a workspace', async () => {
  expect(await table('member')).toEqual([])
  expect(await table('guest')).toEqual([])
  expect(await refusal(may('anonymous', world.id.member))).toBe('42501')
  expect(await may('admin', loner)).toBe(false)
  expect(await may('outsider', loner)).toBe(false)
})

test('a weak sign-in for nobody', async () => {
  const ask = (token: object) =>
    world.withToken(token, (sql) => call(sql, 'may_reset_password', { user_id: world.id.member }))
  const token = await world.signIn(world.id.owner)
  expect(await ask(token)).toBe(true)
  await world.database.admin`delete from auth.sessions where id = ${token.session_id}`
  expect(await ask(token)).toBe(false)
})
