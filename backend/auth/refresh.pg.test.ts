import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestDatabase, type TestDatabase } from '../testing/server'
import { refreshSession } from './refresh'
import { closeSessions, openSession } from './sessions'
import { findUserById, insertUser } from './users'

const client = { address: '127.0.0.1', ip: '127.0.0.1', userAgent: 'test' }
const encryptedPassword = 'not used here'
let database: TestDatabase
let people = 0

beforeAll(async () => {
  database = await startTestDatabase({ migrationsDir: null })
})

afterAll(() => database.stop())

async function newSession() {
  people += 1
  const email = `ada.${people}@example.com`
  const account = { email, encryptedPassword, confirmed: true, role: 'authenticated' }
  const id = await insertUser(database.auth, { ...account, userMetadata: {}, appMetadata: {} }, { client })
  const user = id && (await findUserById(database.auth, id))
  const session = user && (await openSession(database.auth, user, { client, method: 'password' }))
  if (!session) throw new Error('no session')
  return session
}

function refresh(token: string) {
  return refreshSession(database.auth, token, client, 10)
}

function activeTokens(sessionId: string) {
  return database.admin`select token from auth.refresh_tokens where session_id = ${sessionId} and not revoked`
}

async function waitForLock() {
  await expect
    .poll(() => database.admin`select from pg_stat_activity where wait_event_type = 'Lock'`, { interval: 5 })
    .not.toHaveLength(0)
}

test('twenty refreshes of one token yield one successor', async () => {
  for (let round = 0; round < 5; round++) {
    const session = await newSession()
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(session.refreshToken)))
    expect(new Set(answers.map((answer) => answer.refreshToken)).size).toBe(1)
    expect(await activeTokens(session.id)).toHaveLength(1)
  }
})

test('tokens of several generations at once neither deadlock nor fork the family', async () => {
  const first = await newSession()
  const second = await refresh(first.refreshToken)
  const third = await refresh(second.refreshToken)
  const tokens = [first, second, third].map(({ refreshToken }) => refreshToken)
  const answers = await Promise.all(tokens.flatMap((token) => [1, 2, 3, 4].map(() => refresh(token))))
  expect(await activeTokens(first.id)).toHaveLength(1)
  const [active] = await activeTokens(first.id)
  expect(answers.map(({ refreshToken }) => refreshToken)).toContain(active?.token)
})

/** Every moment of a session's tokens lies so much further back, beyond the reuse interval. */
function letTimePass(sessionId: string, seconds = 3_600) {
  return database.admin`
    update auth.refresh_tokens set created_at = created_at - make_interval(secs => ${seconds}),
      updated_at = updated_at - make_interval(secs => ${seconds}) where session_id = ${sessionId}`
}

async function expectTheEnd(sessionId: string, token: string) {
  await expect(refresh(token)).rejects.toMatchObject({ status: 400, code: 'refresh_token_already_used' })
  expect(await database.admin`select from auth.sessions where id = ${sessionId}`).toHaveLength(0)
}

test('an answer that got lost is given again, however late and however often', async () => {
  const session = await newSession()
  const lost = await refresh(session.refreshToken)
  for (let attempt = 0; attempt < 3; attempt++) {
    await letTimePass(session.id)
    expect((await refresh(session.refreshToken)).refreshToken).toBe(lost.refreshToken)
  }
  expect(await activeTokens(session.id)).toHaveLength(1)
  const next = await refresh(lost.refreshToken)
  expect(next.refreshToken).not.toBe(lost.refreshToken)
  const [entry] = await database.admin`
    select count(*)::int from auth.audit_log_entries
    where payload ->> 'actor_id' = ${session.user.id} and payload -> 'traits' ->> 'reason' = 'lost_answer'`
  expect(entry).toEqual({ count: 3 })
})

test('a line may lose an answer every other time', async () => {
  const session = await newSession()
  let token = session.refreshToken
  for (let round = 0; round < 3; round++) {
    await refresh(token)
    await letTimePass(session.id)
    token = (await refresh(token)).refreshToken
    await letTimePass(session.id)
    token = (await refresh(token)).refreshToken
    await letTimePass(session.id)
  }
  expect(await activeTokens(session.id)).toEqual([{ token }])
})

test('an older ancestor ends the session, as its successor has long been used', async () => {
  const session = await newSession()
  const second = await refresh(session.refreshToken)
  await letTimePass(session.id)
  const third = await refresh(second.refreshToken)
  await expectTheEnd(session.id, session.refreshToken)
  await expect(refresh(third.refreshToken)).rejects.toMatchObject({ code: 'refresh_token_not_found' })
})

test('who is always a step behind somebody else with the same tokens is found at the second', async () => {
  const session = await newSession()
  const leader = await refresh(session.refreshToken)
  await letTimePass(session.id)
  const follower = await refresh(session.refreshToken)
  expect(follower.refreshToken).toBe(leader.refreshToken)
  await letTimePass(session.id)
  await refresh(leader.refreshToken)
  await letTimePass(session.id)
  await expectTheEnd(session.id, follower.refreshToken)
})

test('a thief and the owner at the same moment: the session ends for both', async () => {
  const session = await newSession()
  const second = await refresh(session.refreshToken)
  const third = await refresh(second.refreshToken)
  await letTimePass(session.id)
  const answers = await Promise.allSettled([refresh(session.refreshToken), refresh(third.refreshToken)])
  expect(answers[0]).toMatchObject({ reason: { code: 'refresh_token_already_used' } })
  expect(await database.admin`select from auth.sessions where id = ${session.id}`).toHaveLength(0)
  await expect(refresh(third.refreshToken)).rejects.toMatchObject({ code: 'refresh_token_not_found' })
})

test('a refresh that waits while the person signs out is refused', async () => {
  const session = await newSession()
  // In an object: a promise that is returned bare would be waited for inside, and never come.
  const { waiting } = await database.admin.begin(async (sql) => {
    await closeSessions(sql, session.user, session.id, 'local')
    const waiting = refresh(session.refreshToken).catch((error: unknown) => error)
    await waitForLock()
    return { waiting }
  })
  expect(await waiting).toMatchObject({ code: 'refresh_token_not_found' })
})

test('a sign-in that waits while the password changes is refused', async () => {
  const session = await newSession()
  const { waiting } = await database.admin.begin(async (sql) => {
    await sql`update auth.users set encrypted_password = 'another' where id = ${session.user.id}`
    const waiting = openSession(database.auth, session.user, {
      client,
      method: 'password',
      passwordHash: session.user.encrypted_password,
    })
    await waitForLock()
    return { waiting }
  })
  expect(await waiting).toBeUndefined()
})

test('a session past its end, a banned and a deleted account cannot refresh', async () => {
  const over = await newSession()
  await database.admin`update auth.sessions set not_after = now() - interval '1 second' where id = ${over.id}`
  await expect(refresh(over.refreshToken)).rejects.toMatchObject({ status: 400, code: 'session_expired' })

  const banned = await newSession()
  await database.admin`update auth.users set banned_until = now() + interval '1 day' where id = ${banned.user.id}`
  await expect(refresh(banned.refreshToken)).rejects.toMatchObject({ status: 400, code: 'user_banned' })

  const deleted = await newSession()
  await database.admin`delete from auth.users where id = ${deleted.user.id}`
  await expect(refresh(deleted.refreshToken)).rejects.toMatchObject({ code: 'refresh_token_not_found' })
})
