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

test('a link and what it opened do not reach the workspace that is joined next', async () => {
  const { admin } = world.database
  const account = await world.signUp('Nora Newcomer')
  const open = async (method: string) => (await world.signIn(account, { method })).session_id
  const makeLink =
    () => admin`insert into auth.one_time_tokens (id, user_id, token_type, token_hash, relates_to)
    values (gen_random_uuid(), ${account}, 'recovery_token', 'hash', 'nora')`
  const left = async () => ({
    links: (await admin`select from auth.one_time_tokens where user_id = ${account}`).length,
    sessions: (await admin`select id from auth.sessions where user_id = ${account}`).map(({ id }) => id),
  })
  await makeLink()
  const [byLink, byPassword] = [await open('otp'), await open('password')]
  await admin`insert into workspace_members (workspace_id, user_id) values (${world.elsewhere}, ${account})`
  // The first workspace is the only one: whoever is in charge there may help.
  expect(await left()).toEqual({ links: 1, sessions: [byLink, byPassword] })
  await admin`insert into workspace_members (workspace_id, user_id) values (${world.workspace}, ${account})`
  expect(await left()).toEqual({ links: 0, sessions: [byPassword] })
})
