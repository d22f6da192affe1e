import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { password, payload, startAuth } from './auth-client'

let auth: Awaited<ReturnType<typeof startAuth>>

beforeAll(async () => {
  auth = await startAuth()
})

afterAll(() => auth.server.stop())

/** Moves all that happened to somebody's tokens into the past, past the reuse interval. */
async function letTimePass(userId: string, seconds = 11) {
  await auth.server.database.admin`
    update auth.refresh_tokens set created_at = created_at - make_interval(secs => ${seconds}),
      updated_at = updated_at - make_interval(secs => ${seconds}) where user_id = ${userId}`
}

function sessionsOf(userId: string) {
  return auth.server.database.admin<{ id: string }[]>`select id from auth.sessions where user_id = ${userId}`
}

describe('a refresh', () => {
  test('gives a new pair in the same session', async () => {
    const { supabase, session } = await auth.signUp()
    const { data, error } = await supabase.auth.refreshSession()
    expect(error).toBeNull()
    expect(data.session?.refresh_token).not.toBe(session.refresh_token)
    const [before, after] = [session, data.session].map((each) => payload(each?.access_token ?? ''))
    expect(after).toMatchObject({
      sub: before?.sub,
      session_id: before?.session_id,
      amr: before?.amr,
      aal: 'aal1',
    })
  })

  test('by five tabs at once keeps one honest family', async () => {
    const { session, user } = await auth.signUp()
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => auth.refresh(session.refresh_token)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    const bodies = await Promise.all(answers.map((answer) => answer.json()))
    const successors = new Set(bodies.map((body) => body.refresh_token))
    expect(successors.size).toBe(1)
    const [next] = [...successors]
    const active = await auth.server.database.admin`
      select token, parent from auth.refresh_tokens where user_id = ${user.id} and not revoked`
    expect([...active]).toEqual([{ token: next, parent: session.refresh_token }])
    expect((await auth.refresh(next)).status).toBe(200)
  })

  test('by five tabs again and again ends with every tab signed in', async () => {
    const { session } = await auth.signUp()
    let tabs = Array<string>(5).fill(session.refresh_token)
    for (let round = 0; round < 4; round++) {
      const answers = await Promise.all(tabs.map((token) => auth.refresh(token)))
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
      tabs = await Promise.all(answers.map(async (answer) => (await answer.json()).refresh_token))
    }
    expect(new Set(tabs).size).toBe(1)
  })

  test('with an exchanged token leads within ten seconds to the newest one', async () => {
    const { session } = await auth.signUp()
    const second = await (await auth.refresh(session.refresh_token)).json()
    const third = await (await auth.refresh(second.refresh_token)).json()
    const late = await auth.refresh(session.refresh_token)
    expect(late.status).toBe(200)
    expect((await late.json()).refresh_token).toBe(third.refresh_token)
  })

  test('whose answer was lost leads to the same answer, however late', async () => {
    const { session, user } = await auth.signUp()
    const lost = await (await auth.refresh(session.refresh_token)).json()
    await letTimePass(user.id, 86_400)
    const late = await auth.refresh(session.refresh_token)
    expect(late.status).toBe(200)
    expect((await late.json()).refresh_token).toBe(lost.refresh_token)
  })

  test('with a token from two exchanges ago ends the session for thief and owner', async () => {
    const { supabase, session, user } = await auth.signUp()
    const stolen = session.refresh_token
    const { refresh_token: second } = await (await auth.refresh(stolen)).json()
    const { refresh_token: next } = await (await auth.refresh(second)).json()
    await letTimePass(user.id)
    const reuse = await auth.refresh(stolen)
    expect(reuse.status).toBe(400)
    expect(await reuse.json()).toMatchObject({
      error_code: 'refresh_token_already_used',
      msg: 'Invalid Refresh Token: Already Used',
    })
    expect((await auth.refresh(next)).status).toBe(400)
    expect((await supabase.auth.getUser()).error).toMatchObject({ name: 'AuthSessionMissingError' })
    expect(await sessionsOf(user.id)).toHaveLength(0)
  })

  test('leaves other sessions of the same person alone', async () => {
    const { email, session, user } = await auth.signUp()
    const phone = await auth.signIn(email)
    const { refresh_token: second } = await (await auth.refresh(session.refresh_token)).json()
    await auth.refresh(second)
    await letTimePass(user.id)
    expect((await auth.refresh(session.refresh_token)).status).toBe(400)
    expect((await phone.supabase.auth.refreshSession()).error).toBeNull()
  })

  test.each([['unknown'], ['']])('with the token "%s" is refused', async (refreshToken) => {
    const answer = await auth.refresh(refreshToken)
    expect(answer.status).toBe(400)
    const code = refreshToken ? 'refresh_token_not_found' : 'validation_failed'
    expect(await answer.json()).toMatchObject({ error_code: code })
  })

  test('brings what has changed of the person', async () => {
    const { supabase, user } = await auth.signUp()
    const admin = auth.client(auth.server.secretKey)
    await admin.auth.admin.updateUserById(user.id, { app_metadata: { plan: 'gold' } })
    const { data } = await supabase.auth.refreshSession()
    expect(payload(data.session?.access_token ?? '').app_metadata).toMatchObject({
      plan: 'gold',
      provider: 'email',
    })
  })
})

describe('sign-out', () => {
  test('of this device leaves the others signed in', async () => {
    const laptop = await auth.signUp()
    const phone = await auth.signIn(laptop.email)
    expect((await laptop.supabase.auth.signOut({ scope: 'local' })).error).toBeNull()
    expect((await auth.refresh(laptop.session.refresh_token)).status).toBe(400)
    expect((await phone.supabase.auth.getUser()).error).toBeNull()
  })

  test('of the others keeps this one', async () => {
    const laptop = await auth.signUp()
    const phone = await auth.signIn(laptop.email)
    expect((await laptop.supabase.auth.signOut({ scope: 'others' })).error).toBeNull()
    expect((await laptop.supabase.auth.refreshSession()).error).toBeNull()
    expect((await phone.supabase.auth.refreshSession()).error).toMatchObject({
      code: 'refresh_token_not_found',
    })
  })

  test('everywhere ends every session, and nobody else’s', async () => {
    const laptop = await auth.signUp()
    const phone = await auth.signIn(laptop.email)
    const grace = await auth.signUp()
    expect((await laptop.supabase.auth.signOut()).error).toBeNull()
    expect(await sessionsOf(laptop.user.id)).toHaveLength(0)
    expect((await phone.supabase.auth.refreshSession()).error).not.toBeNull()
    expect((await grace.supabase.auth.getUser()).error).toBeNull()
  })

  test('leaves an access token that names no session', async () => {
    const { supabase, session } = await auth.signUp()
    await supabase.auth.signOut()
    const answer = await auth.ask('/user', { headers: { authorization: `Bearer ${session.access_token}` } })
    expect(answer.status).toBe(403)
    expect(await answer.json()).toMatchObject({ code: 403, error_code: 'session_not_found' })
  })

  test('by whoever holds the secret key, for a person', async () => {
    const { session, user } = await auth.signUp()
    const admin = auth.client(auth.server.secretKey)
    expect((await admin.auth.admin.signOut(session.access_token, 'global')).error).toBeNull()
    expect(await sessionsOf(user.id)).toHaveLength(0)
  })

  test('in an unknown scope or without a token is refused', async () => {
    const { session } = await auth.signUp()
    const headers = { authorization: `Bearer ${session.access_token}` }
    const scope = await auth.post('/logout?scope=everything', '', headers)
    expect([scope.status, await scope.json()]).toMatchObject([400, { error_code: 'validation_failed' }])
    const nobody = await auth.post('/logout', '')
    expect([nobody.status, await nobody.json()]).toMatchObject([401, { error_code: 'no_authorization' }])
  })
})

test('signing in, refreshing and signing out is written down, without secrets', async () => {
  const { supabase, user, email } = await auth.signUp()
  await supabase.auth.refreshSession()
  await supabase.auth.signOut()
  const entries = await auth.server.database.admin<
    { payload: Record<string, unknown>; ip_address: string }[]
  >`
    select payload, ip_address from auth.audit_log_entries where payload->>'actor_id' = ${user.id} order by created_at`
  expect(entries.map(({ payload: entry }) => entry.action)).toEqual([
    'user_signedup',
    'login',
    'token_refreshed',
    'logout',
  ])
  expect(entries[0]).toMatchObject({
    payload: { actor_username: email, log_type: 'team' },
    ip_address: '127.0.0.1',
  })
  expect(JSON.stringify(entries)).not.toContain(password)
})

test('rows look as GoTrue writes them: no null where it cannot read one', async () => {
  const { user } = await auth.signUp()
  const [row] = await auth.server.database.admin`
    select confirmation_token, recovery_token, email_change_token_new, email_change, email_change_token_current,
      phone_change, phone_change_token, reauthentication_token, phone, is_super_admin, instance_id, encrypted_password
    from auth.users where id = ${user.id}`
  const { instance_id, encrypted_password, phone, is_super_admin, ...tokens } = row ?? {}
  expect(Object.values(tokens)).toEqual(Array(8).fill(''))
  expect({ instance_id, phone, is_super_admin }).toEqual({
    instance_id: '00000000-0000-0000-0000-000000000000',
    phone: null,
    is_super_admin: false,
  })
  expect(encrypted_password).toMatch(/^\$2[ab]\$10\$/)
})
