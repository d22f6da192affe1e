import { TOTP } from 'otpauth'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Person, password, payload } from './auth-client'
import { createFromOptions, signInOnPage, signOptions, startPages, type Tab } from './authenticator-page'
import { startPasskeys } from './passkey-client'

let people: Awaited<ReturnType<typeof startPasskeys>>

beforeAll(async () => {
  people = await startPasskeys()
})

afterAll(() => people?.stop())

/** A person with a security key as their second factor, signed in on a page with both. */
async function signUpWithKey() {
  const person = await people.signUpOnPage('key')
  const registered = await person.tab.page.evaluate(() =>
    window.client.auth.mfa.webauthn.register({ friendlyName: 'Key' }),
  )
  if (registered.error) throw new Error(registered.error.message)
  const { data } = await person.tab.page.evaluate(() => window.client.auth.mfa.listFactors())
  return { ...person, factorId: data?.webauthn[0]?.id ?? '', strong: registered.data.access_token }
}

/** A challenge and what the key of a tab answers to it; `changes` are made to what it is asked. */
async function answered(
  { session, tab }: Pick<Person, 'session'> & { tab: Tab },
  factorId: string,
  changes: Record<string, unknown> = {},
) {
  const headers = { authorization: `Bearer ${session.access_token}` }
  const { id, webauthn } = await (
    await people.auth.post(`/factors/${factorId}/challenge`, {}, headers)
  ).json()
  const { type, credential_options: options } = webauthn
  const sign = type === 'create' ? createFromOptions : signOptions
  const credential_response = await sign(tab, { ...options.publicKey, ...changes })
  return { challenge_id: id, webauthn: { type, credential_response } }
}

async function verify({ session }: Pick<Person, 'session'>, factorId: string, body: unknown) {
  const headers = { authorization: `Bearer ${session.access_token}` }
  const answer = await people.auth.post(`/factors/${factorId}/verify`, body, headers)
  return { status: answer.status, ...(await answer.json()) }
}

/** The same person once more, with the same key, after the password alone. */
async function halfSignedIn(owner: Awaited<ReturnType<typeof signUpWithKey>>) {
  const { session } = await people.auth.signIn(owner.email)
  return { session, tab: owner.tab }
}

const failed = { status: 422, error_code: 'mfa_verification_failed' }

describe('a security key as a second factor', () => {
  test('is set up, and makes the session aal2', async () => {
    const { strong, factorId, user, tab } = await signUpWithKey()
    expect(payload(strong)).toMatchObject({
      sub: user.id,
      aal: 'aal2',
      amr: [{ method: 'mfa/webauthn' }, { method: 'password' }],
    })
    const { data } = await tab.page.evaluate(() => window.client.auth.mfa.listFactors())
    expect(data?.webauthn).toMatchObject([{ id: factorId, factor_type: 'webauthn', friendly_name: 'Key' }])
    const { credentials } = await tab.cdp.send('WebAuthn.getCredentials', {
      authenticatorId: tab.authenticatorId,
    })
    const [stored] = await people.auth.server.database.admin`
      select web_authn_credential as credential from auth.mfa_factors where id = ${factorId}`
    expect(stored?.credential).toMatchObject({
      id: credentials[0]?.credentialId,
      attestationType: 'none',
      transport: ['usb'],
      flags: { userPresent: true },
    })
  })

  test('is asked for at the next sign-in', async () => {
    const { tab, email, factorId } = await signUpWithKey()
    await signInOnPage(tab, email, password)
    const answers = await tab.page.evaluate(async (factorId) => {
      const { mfa } = window.client.auth
      const before = await mfa.getAuthenticatorAssuranceLevel()
      const { data, error } = await mfa.webauthn.authenticate({ factorId })
      const refreshed = await window.client.auth.refreshSession()
      return {
        before: before.data,
        error: error?.message,
        token: data?.access_token,
        later: refreshed.data.session?.access_token,
      }
    }, factorId)
    expect(answers).toMatchObject({ before: { currentLevel: 'aal1', nextLevel: 'aal2' }, error: undefined })
    for (const token of [answers.token, answers.later]) {
      expect(payload(token ?? '')).toMatchObject({ aal: 'aal2', amr: [{ method: 'mfa/webauthn' }, {}] })
    }
  })

  test('ends with what it proved', async () => {
    const { tab, factorId } = await signUpWithKey()
    const answers = await tab.page.evaluate(async (factorId) => {
      const { error } = await window.client.auth.mfa.unenroll({ factorId })
      const { data } = await window.client.auth.refreshSession()
      return { error, token: data.session?.access_token }
    }, factorId)
    expect(answers.error).toBeNull()
    expect(payload(answers.token ?? '')).toMatchObject({ aal: 'aal1', amr: [{ method: 'password' }] })
  })

  test('stands beside an app: either is enough, and neither is added without the other', async () => {
    const { tab, email, factorId } = await signUpWithKey()
    const { data: app } = await tab.page.evaluate(() =>
      window.client.auth.mfa.enroll({ factorType: 'totp', friendlyName: 'App' }),
    )
    if (!app) throw new Error('no factor')
    const totp = new TOTP({ secret: app.totp.secret })
    const added = await tab.page.evaluate(
      async ([factorId = '', code = '']) =>
        (await window.client.auth.mfa.challengeAndVerify({ factorId, code })).error,
      [app.id, totp.generate()],
    )
    expect(added).toBeNull()

    const half = await people.auth.signIn(email)
    const third = await half.supabase.auth.mfa.enroll({ factorType: 'webauthn', friendlyName: 'Another' })
    expect(third.error).toMatchObject({ status: 403, code: 'insufficient_aal' })
    const byKey = await verify(half, factorId, await answered({ ...half, tab }, factorId))
    expect(payload(byKey.access_token)).toMatchObject({ aal: 'aal2', amr: [{ method: 'mfa/webauthn' }, {}] })

    const { supabase } = await people.auth.signIn(email)
    const code = totp.generate({ timestamp: Date.now() + 30_000 })
    const byApp = await supabase.auth.mfa.challengeAndVerify({ factorId: app.id, code })
    expect(payload(byApp.data?.access_token ?? '')).toMatchObject({
      aal: 'aal2',
      amr: [{ method: 'totp' }, {}],
    })
  })
})

describe('the proof of a security key is refused', () => {
  test('the second time, and by all but one of many at once', async () => {
    const owner = await signUpWithKey()
    const half = await halfSignedIn(owner)
    const body = await answered(half, owner.factorId)
    const answers = await Promise.all([1, 2, 3, 4].map(() => verify(half, owner.factorId, body)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect((await verify(half, owner.factorId, body)).status).toBe(422)
  })

  test('when it belongs to somebody else, to another page or to another challenge', async () => {
    const owner = await signUpWithKey()
    const thief = await signUpWithKey()
    const half = await halfSignedIn(owner)
    const { factorId } = owner
    const { credentials } = await thief.tab.cdp.send('WebAuthn.getCredentials', {
      authenticatorId: thief.tab.authenticatorId,
    })
    const id = Buffer.from(credentials[0]?.credentialId ?? '', 'base64').toString('base64url')
    const foreign = { session: half.session, tab: thief.tab }
    const allowCredentials = [{ type: 'public-key', id }]
    expect(
      await verify(half, factorId, await answered(foreign, factorId, { allowCredentials })),
    ).toMatchObject(failed)
    const challenge = Buffer.from('a challenge of my own').toString('base64url')
    expect(await verify(half, factorId, await answered(half, factorId, { challenge }))).toMatchObject(failed)

    const elsewhere = await startPages()
    await owner.tab.page.goto(elsewhere.origin)
    expect(await verify(half, factorId, await answered(half, factorId))).toMatchObject(failed)
    await elsewhere.stop()
    await owner.tab.page.goto(people.pages.origin)
    expect((await verify(half, factorId, await answered(half, factorId))).status).toBe(200)
  })

  test('when the key counts backwards, or the answer is of another kind', async () => {
    const owner = await signUpWithKey()
    const half = await halfSignedIn(owner)
    const { factorId } = owner
    const count = (by: number) => people.auth.server.database.admin`
      update auth.mfa_factors set web_authn_credential = jsonb_set(
        web_authn_credential, '{authenticator,signCount}',
        to_jsonb((web_authn_credential #>> '{authenticator,signCount}')::int + ${by}::int))
      where id = ${factorId}`
    await count(100)
    expect(await verify(half, factorId, await answered(half, factorId))).toMatchObject(failed)
    await count(-100)
    const { challenge_id, webauthn } = await answered(half, factorId)
    const creation = { ...webauthn, type: 'create' }
    expect(await verify(half, factorId, { challenge_id, webauthn: creation })).toMatchObject(failed)
    for (const other of [
      null,
      {},
      { type: 'x' },
      { type: 'request' },
      { type: 'request', credential_response: [] },
    ]) {
      expect((await verify(half, factorId, { challenge_id, webauthn: other })).status).toBe(400)
    }
    expect((await verify(half, factorId, { challenge_id, code: '123456' })).status).toBe(400)
    expect((await verify(half, factorId, { challenge_id, webauthn })).status).toBe(200)
  })

  test('when it comes too late', async () => {
    const owner = await signUpWithKey()
    const half = await halfSignedIn(owner)
    const late = await answered(half, owner.factorId)
    await people.auth.server.database.admin`
      update auth.mfa_challenges set created_at = created_at - interval '301 seconds' where id = ${late.challenge_id}`
    expect(await verify(half, owner.factorId, late)).toMatchObject({ error_code: 'mfa_challenge_expired' })
    expect((await verify(half, owner.factorId, await answered(half, owner.factorId))).status).toBe(200)
  })
})
