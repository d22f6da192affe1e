import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { payload, startAuth } from './auth-client'
import { startPasskeys } from './passkey-client'
import { enroll } from './totp-client'

let people: Awaited<ReturnType<typeof startPasskeys>>

beforeAll(async () => {
  people = await startPasskeys()
})

afterAll(() => people?.stop())

describe('a passkey', () => {
  test('is made and signs in, without a name or a password', async () => {
    const { tab, user, email } = await people.signUpOnPage()
    const made = await tab.page.evaluate(() => window.client.auth.registerPasskey())
    expect(made.error).toBeNull()
    expect(made.data).toMatchObject({ id: expect.any(String), friendly_name: 'Passkey' })

    const signedIn = await tab.page.evaluate(async () => {
      await window.client.auth.signOut()
      const before = await window.client.auth.getUser()
      const { data, error } = await window.client.auth.signInWithPasskey()
      return { before: before.data.user, error, data, user: (await window.client.auth.getUser()).data.user }
    })
    expect(signedIn).toMatchObject({ before: null, error: null, user: { id: user.id, email } })
    expect(payload(signedIn.data?.session?.access_token ?? '')).toMatchObject({
      sub: user.id,
      aal: 'aal1',
      amr: [{ method: 'passkey' }],
    })
    const [stored] = await people.auth.server.database.admin`
      select sign_count, transports, backup_eligible, last_used_at is not null as used, length(public_key) > 30 as has_key
      from auth.webauthn_credentials where user_id = ${user.id}`
    expect(stored).toMatchObject({
      transports: ['internal'],
      backup_eligible: false,
      used: true,
      has_key: true,
    })
    const refreshed = await people.auth.refresh(signedIn.data?.session?.refresh_token ?? '')
    expect(payload((await refreshed.json()).access_token)).toMatchObject({ amr: [{ method: 'passkey' }] })
  })

  test('is asked for in the words that browsers expect', async () => {
    const { session, user, email } = await people.signUpWithPasskey()
    const creation = await people.ask('/registration/options', {}, session)
    expect(creation).toMatchObject({
      challenge_id: expect.any(String),
      expires_at: expect.any(Number),
      options: {
        rp: { id: 'localhost', name: 'Test chat' },
        user: { id: Buffer.from(user.id).toString('base64url'), name: email },
        attestation: 'none',
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
        excludeCredentials: [{ type: 'public-key' }],
      },
    })
    const { options } = await people.ask('/authentication/options')
    expect(options).toMatchObject({ rpId: 'localhost', userVerification: 'required' })
    expect(options.allowCredentials ?? []).toEqual([])
  })

  test('is listed, renamed and removed', async () => {
    const { tab, passkey } = await people.signUpWithPasskey()
    const answers = await tab.page.evaluate(async (passkeyId) => {
      const { passkey } = window.client.auth
      return {
        listed: await passkey.list(),
        renamed: await passkey.update({ passkeyId, friendlyName: 'Laptop' }),
        empty: await passkey.update({ passkeyId, friendlyName: '' }),
        removed: await passkey.delete({ passkeyId }),
        again: await passkey.delete({ passkeyId }),
        left: await passkey.list(),
      }
    }, passkey.id)
    expect(answers).toMatchObject({
      listed: { data: [{ id: passkey.id, friendly_name: 'Passkey' }], error: null },
      renamed: { data: { id: passkey.id, friendly_name: 'Laptop' }, error: null },
      empty: { data: null },
      removed: { error: null },
      left: { data: [], error: null },
    })
    expect(answers.empty.error).not.toBeNull()
    expect(answers.again.error).not.toBeNull()
    const signIn = await tab.page.evaluate(() => window.client.auth.signInWithPasskey())
    expect(signIn.data).toBeNull()
  })

  test('is made once per device, and ten times per person', async () => {
    const { tab, session, user, passkey } = await people.signUpWithPasskey()
    const again = await tab.page.evaluate(() => window.client.auth.registerPasskey())
    expect(again.data).toBeNull()
    for (let n = 1; n < 10; n++) {
      await people.auth.server.database.admin`
        insert into auth.webauthn_credentials (user_id, credential_id, public_key)
        values (${user.id}, ${Buffer.from(`${passkey.id} ${n}`)}, '')`
    }
    expect(await people.ask('/registration/options', {}, session)).toMatchObject({
      status: 422,
      error_code: 'too_many_passkeys',
    })
  })

  test('of somebody can be listed and removed with the secret key', async () => {
    const { user, session, passkey } = await people.signUpWithPasskey()
    const { user: stranger } = await people.auth.signUp()
    const admin = people.auth.client(people.auth.server.secretKey).auth.admin.passkey
    const which = { userId: user.id, passkeyId: passkey.id }
    expect((await admin.listPasskeys({ userId: user.id })).data).toMatchObject([{ id: passkey.id }])
    const headers = { authorization: `Bearer ${session.access_token}` }
    const path = `/admin/users/${user.id}/passkeys`
    expect((await people.auth.ask(path, { headers })).status).toBe(403)
    const own = await people.auth.ask(`${path}/${passkey.id}`, { method: 'DELETE', headers })
    expect(own.status).toBe(403)
    expect((await admin.deletePasskey({ ...which, userId: stranger.id })).error).toMatchObject({
      status: 404,
    })
    expect((await admin.deletePasskey(which)).error).toBeNull()
    expect((await admin.listPasskeys({ userId: user.id })).data).toEqual([])
  })
})

describe('passkeys and a second factor', () => {
  test('a session without the factor adds and removes none', async () => {
    const { tab, session, user, email, passkey, supabase } = await people.signUpWithPasskey()
    const app = await enroll(supabase)
    await supabase.auth.mfa.challengeAndVerify({ factorId: app.id, code: app.code() })
    const { session: weak } = await people.auth.signIn(email)
    const refused = { status: 403, error_code: 'insufficient_aal' }
    expect(await people.ask('/registration/options', {}, weak)).toMatchObject(refused)
    expect(await people.ask('/registration/verify', {}, weak)).toMatchObject(refused)
    const path = `/passkeys/${passkey.id}`
    const remove = (token: string) =>
      people.auth.ask(path, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } })
    expect((await remove(weak.access_token)).status).toBe(403)
    expect((await remove(session.access_token)).status).toBe(403)

    const signedIn = await people.ask('/authentication/verify', await people.signed(tab))
    expect(signedIn).toMatchObject({ status: 200, user: { id: user.id } })
    expect(payload(signedIn.access_token)).toMatchObject({ aal: 'aal1' })
    expect((await remove(signedIn.access_token)).status).toBe(403)

    const { data } = await supabase.auth.getSession()
    expect((await people.ask('/registration/options', {}, data.session ?? undefined)).status).toBe(200)
    expect((await remove(data.session?.access_token ?? '')).status).toBe(204)
  })

  test("somebody else's passkey does not exist", async () => {
    const { passkey, session: own } = await people.signUpWithPasskey()
    const { session } = await people.auth.signUp()
    const change = (token: string, method: string) =>
      people.auth.ask(`/passkeys/${passkey.id}`, {
        method,
        body: method === 'PATCH' ? '{"friendly_name":"mine"}' : null,
        headers: { authorization: `Bearer ${token}` },
      })
    for (const method of ['PATCH', 'DELETE']) {
      expect((await change(session.access_token, method)).status).toBe(404)
      expect((await change(own.access_token, method)).ok).toBe(true)
    }
  })
})

describe('who may have a passkey', () => {
  test('nobody without a session, without a person, or from an identity provider', async () => {
    expect((await people.ask('/registration/options')).status).toBe(401)
    const { session, user } = await people.auth.signUp()
    const set = (columns: { is_anonymous?: boolean; is_sso_user?: boolean }) =>
      people.auth.server.database
        .admin`update auth.users set ${people.auth.server.database.admin(columns)} where id = ${user.id}`
    await set({ is_anonymous: true })
    expect(await people.ask('/registration/options', {}, session)).toMatchObject({ status: 403 })
    await set({ is_anonymous: false, is_sso_user: true })
    expect(await people.ask('/registration/options', {}, session)).toMatchObject({ status: 422 })
    await set({ is_sso_user: false })
    expect((await people.ask('/registration/options', {}, session)).status).toBe(200)
  })

  test('nobody where they are switched off', async () => {
    const off = await startAuth({ passkeys: false })
    try {
      for (const [method, path] of [
        ['POST', '/passkeys/authentication/options'],
        ['GET', '/passkeys'],
      ] as const) {
        const answer = await off.ask(path, { method, body: method === 'POST' ? '{}' : null })
        expect([answer.status, await answer.json()]).toMatchObject([404, { error_code: 'passkey_disabled' }])
      }
      expect(await (await off.ask('/settings')).json()).toMatchObject({ passkeys_enabled: false })
    } finally {
      await off.server.stop()
    }
  })
})
