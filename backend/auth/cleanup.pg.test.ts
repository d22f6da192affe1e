import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestDatabase, type TestDatabase } from '../testing/server'
import { cleanUp } from './cleanup'

const settings = { otpExpirySeconds: 3600, auditLogDays: 30 }
const [old, user] = ['2 days', randomUUID()]
let database: TestDatabase

beforeAll(async () => {
  database = await startTestDatabase({ migrationsDir: null })
  await database.auth`insert into auth.users (id, email) values (${user}, 'ada@example.com')`
})

afterAll(() => database.stop())

async function session(notAfter: string | null = null): Promise<string> {
  const id = randomUUID()
  await database.auth`
    insert into auth.sessions (id, user_id, created_at, not_after)
    values (${id}, ${user}, now(), now() + ${notAfter}::interval)`
  return id
}

async function refreshToken(of: string, age: string, revoked: boolean, parent: string | null = null) {
  const token = randomUUID()
  await database.auth`
    insert into auth.refresh_tokens (token, user_id, revoked, created_at, updated_at, session_id, parent)
    values (${token}, ${user}, ${revoked}, now(), now() - ${age}::interval, ${of}, ${parent})`
  return token
}

async function left(table: string): Promise<number> {
  const rows = await database.admin`select from ${database.admin(`auth.${table}`)}`
  return rows.length
}

test('used refresh tokens go, the living one and the two before it stay', async () => {
  const id = await session()
  const origin = await refreshToken(id, old, true)
  const first = await refreshToken(id, old, true, origin)
  const second = await refreshToken(id, old, true, first)
  const living = await refreshToken(id, old, false, second)
  const young = await refreshToken(id, '1 hour', true)
  expect(await cleanUp(database.auth, settings)).toMatchObject({ refresh_tokens: 1, sessions: 0 })
  const tokens = await database.admin`select token from auth.refresh_tokens where session_id = ${id}`
  expect(tokens.map(({ token }) => token).sort()).toEqual([first, second, living, young].sort())
})

test('what is over goes, what is not stays', async () => {
  const [over, open] = [await session('-2 days'), await session('1 day')]
  const factor = randomUUID()
  for (const age of [old, '1 hour']) {
    await database.auth`
      insert into auth.one_time_tokens (id, user_id, token_type, token_hash, relates_to, created_at)
      values (${randomUUID()}, ${user}, ${age === old ? 'recovery_token' : 'confirmation_token'}, ${age}, '',
        (now() at time zone 'utc') - ${age}::interval)`
    await database.auth`
      insert into auth.flow_state (id, provider_type, authentication_method, created_at)
      values (${randomUUID()}, 'email', 'otp', now() - ${age}::interval)`
    await database.auth`
      insert into auth.oauth_client_states (id, provider_type, created_at)
      values (${randomUUID()}, 'google', now() - ${age}::interval)`
  }
  await database.auth`
    insert into auth.mfa_factors (id, user_id, factor_type, status, created_at, updated_at)
    values (${factor}, ${user}, 'totp', 'verified', now() - interval '9 days', now()),
      (${randomUUID()}, ${user}, 'totp', 'unverified', now() - interval '9 days', now())`
  await database.auth`
    insert into auth.mfa_challenges (id, factor_id, created_at, ip_address)
    values (${randomUUID()}, ${factor}, now() - ${old}::interval, '127.0.0.1')`
  for (const age of ['-2 days', '1 hour']) {
    await database.auth`
      insert into auth.webauthn_challenges (user_id, challenge_type, session_data, expires_at)
      values (${user}, 'registration', '{}', now() + ${age}::interval)`
  }
  for (const age of ['31 days', '29 days']) {
    await database.auth`
      insert into auth.audit_log_entries (id, created_at) values (${randomUUID()}, now() - ${age}::interval)`
  }
  expect(await cleanUp(database.auth, settings)).toEqual({
    refresh_tokens: 0,
    sessions: 1,
    one_time_tokens: 1,
    flow_state: 1,
    mfa_challenges: 1,
    webauthn_challenges: 1,
    mfa_factors: 1,
    oauth_client_states: 1,
    saml_relay_states: 0,
    audit_log_entries: 1,
  })
  const sessions = await database.admin`select id from auth.sessions where id in (${over}, ${open})`
  expect(sessions).toEqual([{ id: open }])
  expect([await left('flow_state'), await left('mfa_factors'), await left('audit_log_entries')]).toEqual([
    1, 1, 1,
  ])
})

test('many go in batches, and a row that is in use is left for the next time', async () => {
  await database.auth`
    insert into auth.flow_state (id, provider_type, authentication_method, created_at)
    select gen_random_uuid(), 'email', 'otp', now() - interval '2 days' from generate_series(1, 25)`
  const removed = await database.admin.begin(async (sql) => {
    await sql`select from auth.flow_state where created_at < now() - interval '1 day' limit 1 for update`
    return cleanUp(database.auth, settings, 10)
  })
  expect(removed.flow_state).toBe(24)
  expect((await cleanUp(database.auth, settings, 10)).flow_state).toBe(1)
})

test('a log that is to be kept is kept', async () => {
  await database.auth`
    insert into auth.audit_log_entries (id, created_at) values (${randomUUID()}, now() - interval '9 years')`
  expect(await cleanUp(database.auth, { ...settings, auditLogDays: 0 })).not.toHaveProperty(
    'audit_log_entries',
  )
  expect((await cleanUp(database.auth, settings)).audit_log_entries).toBe(1)
})
