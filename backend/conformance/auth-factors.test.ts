import { randomUUID } from 'node:crypto'
import { TOTP, URI } from 'otpauth'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { password, payload, startAuth } from './auth-client'
import { challenge, enroll, forgetSteps, signUpWithFactor } from './totp-client'

let auth: Awaited<ReturnType<typeof startAuth>>

beforeAll(async () => {
  auth = await startAuth({ siteUrl: 'https://chat.example.com' })
})

afterAll(() => auth.server.stop())

const admin = () => auth.client(auth.server.secretKey).auth.admin.mfa

describe('the set-up of an authenticator app', () => {
  test('gives a secret as text, link and picture', async () => {
    const { supabase, email } = await auth.signUp()
    const { data, error } = await supabase.auth.mfa.enroll({ factorType: 'totp', friendlyName: 'My phone' })
    expect(error).toBeNull()
    if (!data) throw new Error('no factor')
    expect(data).toMatchObject({ type: 'totp', friendly_name: 'My phone' })
    const totp = URI.parse(data.totp.uri)
    expect(totp).toMatchObject({ issuer: 'chat.example.com', label: email, digits: 6, algorithm: 'SHA1' })
    expect(totp).toBeInstanceOf(TOTP)
    expect(totp.secret.base32).toBe(data.totp.secret)
    expect(totp.secret.bytes).toHaveLength(20)
    expect(data.totp.qr_code).toMatch(/^data:image\/svg\+xml;utf-8,<svg [^#]+<\/svg>$/)

    const named = await supabase.auth.mfa.enroll({
      factorType: 'totp',
      friendlyName: 'b',
      issuer: 'Ex: am & ple',
    })
    expect(URI.parse(named.data?.totp.uri ?? '')).toMatchObject({ issuer: 'Ex am & ple', label: email })
  })

  test('counts for nothing until a code was shown', async () => {
    const { supabase, email } = await auth.signUp()
    const { id } = await enroll(supabase)
    const { data } = await supabase.auth.mfa.listFactors()
    expect(data?.all).toMatchObject([
      { id, status: 'unverified', factor_type: 'totp', friendly_name: 'phone' },
    ])
    expect(data?.totp).toEqual([])
    expect((await supabase.auth.mfa.getAuthenticatorAssuranceLevel()).data).toMatchObject({
      currentLevel: 'aal1',
      nextLevel: 'aal1',
    })
    expect(JSON.stringify(data)).not.toContain('secret')
    const again = await auth.signIn(email)
    expect((await again.supabase.auth.updateUser({ password: 'another password' })).error).toBeNull()
  })

  test('is not needed by anybody else, and shows in no account without one', async () => {
    const { user } = await auth.signUp()
    expect(user).not.toHaveProperty('factors')
  })

  test('refuses a name twice, an eleventh factor, and what is no factor', async () => {
    const { supabase, session } = await auth.signUp()
    await enroll(supabase, 'one')
    const twice = await supabase.auth.mfa.enroll({ factorType: 'totp', friendlyName: 'one' })
    expect(twice.error).toMatchObject({ status: 422, code: 'mfa_factor_name_conflict' })
    for (let n = 2; n <= 10; n++) await enroll(supabase, `number ${n}`)
    const eleventh = await supabase.auth.mfa.enroll({ factorType: 'totp', friendlyName: 'eleven' })
    expect(eleventh.error).toMatchObject({ status: 422, code: 'too_many_enrolled_mfa_factors' })

    const headers = { authorization: `Bearer ${session.access_token}` }
    for (const factor_type of ['sms', '', null]) {
      const answer = await auth.post('/factors', { factor_type }, headers)
      expect([answer.status, await answer.json()]).toMatchObject([400, { error_code: 'validation_failed' }])
    }
    const long = await auth.post('/factors', { factor_type: 'totp', friendly_name: 'x'.repeat(121) }, headers)
    expect(long.status).toBe(400)
  })

  test('that ten people hurry gets nobody an eleventh factor', async () => {
    const { supabase } = await auth.signUp()
    const answers = await Promise.all(
      Array.from({ length: 14 }, (_, n) =>
        supabase.auth.mfa.enroll({ factorType: 'totp', friendlyName: `${n}` }),
      ),
    )
    expect(answers.filter(({ error }) => !error)).toHaveLength(10)
  })

  test('is forgotten when nobody goes on with it', async () => {
    const { supabase } = await auth.signUp()
    const [left, going] = [await enroll(supabase, 'left'), await enroll(supabase, 'going on')]
    await challenge(supabase, going.id)
    await auth.server.database.admin`
      update auth.mfa_factors set created_at = created_at - interval '6 minutes' where id in (${left.id}, ${going.id})`
    const { id } = await enroll(supabase, 'left')
    const { data } = await supabase.auth.mfa.listFactors()
    expect(data?.all.map((factor) => factor.id).sort()).toEqual([going.id, id].sort())
  })

  test('by phone is refused', async () => {
    const { supabase, user } = await auth.signUp()
    const { error } = await supabase.auth.mfa.enroll({ factorType: 'phone', phone: '+15551234567' })
    expect(error).toMatchObject({ status: 422, code: 'mfa_phone_enroll_not_enabled' })
    const id = randomUUID()
    await auth.server.database.admin`
      insert into auth.mfa_factors (id, user_id, factor_type, status, created_at, updated_at, phone)
      values (${id}, ${user.id}, 'phone', 'verified', now(), now(), '15551234567')`
    expect((await supabase.auth.mfa.challenge({ factorId: id, channel: 'sms' })).error).toMatchObject({
      status: 422,
      code: 'mfa_phone_verify_not_enabled',
    })
  })

  test('is not for accounts without a person', async () => {
    const { supabase, user } = await auth.signUp()
    await auth.server.database.admin`update auth.users set is_anonymous = true where id = ${user.id}`
    const { error } = await supabase.auth.mfa.enroll({ factorType: 'totp' })
    expect(error).toMatchObject({ status: 403, code: 'no_authorization' })
  })
})

describe('a code', () => {
  test('makes the session aal2 and ends those that have seen none', async () => {
    const { supabase, email, session } = await auth.signUp()
    const other = await auth.signIn(email)
    const { id, code } = await enroll(supabase)
    const events: string[] = []
    supabase.auth.onAuthStateChange((event) => void events.push(event))
    expect((await other.supabase.auth.getUser()).error).toBeNull()

    const challenged = await supabase.auth.mfa.challenge({ factorId: id })
    expect(challenged.data).toMatchObject({ type: 'totp' })
    expect(challenged.data?.expires_at).toBeGreaterThan(Date.now() / 1000 + 290)
    const challengeId = challenged.data?.id ?? ''
    const { data, error } = await supabase.auth.mfa.verify({ factorId: id, challengeId, code: ` ${code()} ` })
    expect(error).toBeNull()
    expect(data).toMatchObject({ token_type: 'bearer', user: { factors: [{ id, status: 'verified' }] } })
    expect(events).toContain('MFA_CHALLENGE_VERIFIED')
    const [before, after] = [session.access_token, data?.access_token ?? ''].map(payload)
    expect(after).toMatchObject({
      aal: 'aal2',
      session_id: before?.session_id,
      amr: [{ method: 'totp' }, { method: 'password' }],
    })
    expect((await supabase.auth.mfa.getAuthenticatorAssuranceLevel()).data).toMatchObject({
      currentLevel: 'aal2',
      nextLevel: 'aal2',
    })
    expect((await supabase.auth.mfa.listFactors()).data?.totp).toMatchObject([{ id }])
    expect((await other.supabase.auth.getUser()).error?.name).toBe('AuthSessionMissingError')
  })

  test('is asked for at the next sign-in', async () => {
    const { email, app } = await signUpWithFactor(auth)
    const { supabase, session } = await auth.signIn(email)
    expect(payload(session.access_token)).toMatchObject({ aal: 'aal1' })
    expect((await supabase.auth.mfa.getAuthenticatorAssuranceLevel()).data).toMatchObject({
      currentLevel: 'aal1',
      nextLevel: 'aal2',
    })
    const { data } = await supabase.auth.refreshSession()
    expect(payload(data.session?.access_token ?? '')).toMatchObject({ aal: 'aal1' })
    const { error } = await supabase.auth.mfa.challengeAndVerify({ factorId: app.id, code: app.code() })
    expect(error).toBeNull()
    expect((await supabase.auth.mfa.getAuthenticatorAssuranceLevel()).data?.currentLevel).toBe('aal2')
  })

  test('is remembered by refreshes, and leaves the tokens from before worthless', async () => {
    const { supabase, session } = await auth.signUp()
    const { id, code } = await enroll(supabase)
    await supabase.auth.mfa.challengeAndVerify({ factorId: id, code: code() })
    const old = await auth.refresh(session.refresh_token)
    expect([old.status, await old.json()]).toMatchObject([400, { error_code: 'refresh_token_not_found' }])
    const { data, error } = await supabase.auth.refreshSession()
    expect(error).toBeNull()
    expect(payload(data.session?.access_token ?? '')).toMatchObject({
      aal: 'aal2',
      amr: [{ method: 'totp' }, { method: 'password' }],
    })
  })

  test('removes the set-ups that were not finished', async () => {
    const { supabase } = await auth.signUp()
    await enroll(supabase, 'left')
    const { id, code } = await enroll(supabase, 'done')
    await supabase.auth.mfa.challengeAndVerify({ factorId: id, code: code() })
    expect((await supabase.auth.mfa.listFactors()).data?.all).toMatchObject([{ id }])
  })
})

describe('the end of a factor', () => {
  test('lowers the sessions that it raised', async () => {
    const { supabase, email, app } = await signUpWithFactor(auth)
    const other = await auth.signIn(email)
    await forgetSteps(auth, app.id)
    await other.supabase.auth.mfa.challengeAndVerify({ factorId: app.id, code: app.code(1) })
    const { data, error } = await supabase.auth.mfa.unenroll({ factorId: app.id })
    expect([error, data]).toEqual([null, { id: app.id }])
    for (const client of [supabase, other.supabase]) {
      const refreshed = await client.auth.refreshSession()
      expect(payload(refreshed.data.session?.access_token ?? '')).toMatchObject({
        aal: 'aal1',
        amr: [{ method: 'password' }],
      })
      expect((await client.auth.mfa.listFactors()).data?.all).toEqual([])
    }
    expect((await supabase.auth.updateUser({ password: 'another password' })).error).toBeNull()
  })

  test('that was never verified needs no code', async () => {
    const { supabase } = await auth.signUp()
    const { id } = await enroll(supabase)
    expect((await supabase.auth.mfa.unenroll({ factorId: id })).error).toBeNull()
    expect((await supabase.auth.mfa.unenroll({ factorId: id })).error).toMatchObject({
      status: 404,
      code: 'mfa_factor_not_found',
    })
  })

  test('leaves the log of what happened', async () => {
    const { supabase, user, app } = await signUpWithFactor(auth)
    await supabase.auth.mfa.unenroll({ factorId: app.id })
    const entries = await auth.server.database.admin<{ action: string; type: string }[]>`
      select payload ->> 'action' as action, payload ->> 'log_type' as type from auth.audit_log_entries
      where payload ->> 'actor_id' = ${user.id} and payload -> 'traits' ->> 'factor_id' = ${app.id}
      order by created_at`
    expect(entries.map(({ action }) => action)).toEqual([
      'factor_in_progress',
      'challenge_created',
      'verification_attempted',
      'factor_unenrolled',
    ])
    expect(new Set(entries.map(({ type }) => type))).toEqual(new Set(['factor']))
  })
})

describe('an administrator', () => {
  test('lists, renames and removes the factors of somebody who lost their phone', async () => {
    const { supabase, user, email, app } = await signUpWithFactor(auth)
    const listed = await admin().listFactors({ userId: user.id })
    expect(listed.data?.factors).toMatchObject([{ id: app.id, status: 'verified', factor_type: 'totp' }])
    expect(JSON.stringify(listed.data)).not.toContain('secret')
    const headers = { apikey: auth.server.secretKey }
    const path = `/admin/users/${user.id}/factors/${app.id}`
    const renamed = await auth.ask(path, { method: 'PUT', body: '{"friendly_name":"new"}', headers })
    expect(await renamed.json()).toMatchObject({ friendly_name: 'new' })

    const removed = await admin().deleteFactor({ userId: user.id, id: app.id })
    expect(removed.error).toBeNull()
    const { data } = await supabase.auth.refreshSession()
    expect(payload(data.session?.access_token ?? '')).toMatchObject({ aal: 'aal1' })
    const { supabase: again } = await auth.signIn(email)
    expect((await again.auth.updateUser({ password: 'another password' })).error).toBeNull()
  })

  test('is nobody else, and knows whose factor is whose', async () => {
    const { session, user, app } = await signUpWithFactor(auth)
    const { user: stranger } = await auth.signUp()
    const headers = { authorization: `Bearer ${session.access_token}` }
    const path = `/admin/users/${user.id}/factors`
    for (const [method, at] of [
      ['GET', path],
      ['DELETE', `${path}/${app.id}`],
    ] as const) {
      const answer = await auth.ask(at, { method, headers })
      expect([answer.status, await answer.json()]).toMatchObject([403, { error_code: 'not_admin' }])
    }
    expect((await admin().deleteFactor({ userId: stranger.id, id: app.id })).error).toMatchObject({
      status: 404,
      code: 'mfa_factor_not_found',
    })
    expect((await admin().listFactors({ userId: user.id })).data?.factors).toHaveLength(1)
  })
})

test('an account that is deleted takes its factors along', async () => {
  const { user } = await signUpWithFactor(auth)
  await auth.client(auth.server.secretKey).auth.admin.deleteUser(user.id)
  expect(
    await auth.server.database.admin`select from auth.mfa_factors where user_id = ${user.id}`,
  ).toHaveLength(0)
  expect(
    (await auth.client().auth.signInWithPassword({ email: user.email ?? '', password })).error,
  ).toBeTruthy()
})
