import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFromOptions, startPages } from './authenticator-page'
import { startPasskeys } from './passkey-client'

let people: Awaited<ReturnType<typeof startPasskeys>>

beforeAll(async () => {
  people = await startPasskeys()
})

afterAll(() => people?.stop())

describe('a sign-in with a passkey is refused', () => {
  const failed = { status: 400, error_code: 'webauthn_verification_failed' }

  test('the second time, and by all but one of many at once', async () => {
    const { tab } = await people.signUpWithPasskey()
    const answer = await people.signed(tab)
    const answers = await Promise.all([1, 2, 3, 4].map(() => people.ask('/authentication/verify', answer)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400])
    expect(await people.ask('/authentication/verify', answer)).toMatchObject({
      status: 400,
      error_code: 'webauthn_challenge_not_found',
    })
  })

  test('after five minutes', async () => {
    const { tab } = await people.signUpWithPasskey()
    const late = await people.signed(tab)
    await people.auth.server.database.admin`
      update auth.webauthn_challenges set expires_at = now() - interval '1 second' where id = ${late.challenge_id}`
    expect(await people.ask('/authentication/verify', late)).toMatchObject({
      status: 400,
      error_code: 'webauthn_challenge_expired',
    })
    expect((await people.ask('/authentication/verify', await people.signed(tab))).status).toBe(200)
  })

  test('with a challenge of another ceremony or another person', async () => {
    const { tab, session } = await people.signUpWithPasskey()
    const other = await people.signUpOnPage()
    const registration = await people.ask('/registration/options', {}, session)
    const { credential } = await people.signed(tab, { challenge: registration.options.challenge })
    const missing = { status: 400, error_code: 'webauthn_challenge_not_found' }
    const { challenge_id } = registration
    expect(await people.ask('/authentication/verify', { challenge_id, credential })).toMatchObject(missing)

    const made = await createFromOptions(other.tab, registration.options)
    expect(
      await people.ask('/registration/verify', { challenge_id, credential: made }, other.session),
    ).toMatchObject(missing)
    const own = await people.ask('/registration/options', {}, other.session)
    const ownMade = await createFromOptions(other.tab, own.options)
    const answer = { challenge_id: own.challenge_id, credential: ownMade }
    expect((await people.ask('/registration/verify', answer, other.session)).status).toBe(200)
    expect(await people.ask('/registration/verify', answer, other.session)).toMatchObject(missing)
  })

  test('from a page of another address', async () => {
    const { tab } = await people.signUpWithPasskey()
    const elsewhere = await startPages()
    try {
      await tab.page.goto(elsewhere.origin)
      expect(await people.ask('/authentication/verify', await people.signed(tab))).toMatchObject(failed)
      await tab.page.goto(people.pages.origin)
      expect((await people.ask('/authentication/verify', await people.signed(tab))).status).toBe(200)
    } finally {
      await elsewhere.stop()
    }
  })

  test('when nobody showed a finger', async () => {
    const { tab } = await people.signUpWithPasskey()
    await tab.cdp.send('WebAuthn.setUserVerified', {
      authenticatorId: tab.authenticatorId,
      isUserVerified: false,
    })
    expect(
      await people.ask(
        '/authentication/verify',
        await people.signed(tab, { userVerification: 'discouraged' }),
      ),
    ).toMatchObject(failed)
    await tab.cdp.send('WebAuthn.setUserVerified', {
      authenticatorId: tab.authenticatorId,
      isUserVerified: true,
    })
    expect((await people.ask('/authentication/verify', await people.signed(tab))).status).toBe(200)
  })

  test('when the authenticator counts backwards, as a copy does', async () => {
    const { tab, user } = await people.signUpWithPasskey()
    await people.auth.server.database.admin`
      update auth.webauthn_credentials set sign_count = sign_count + 100 where user_id = ${user.id}`
    expect(await people.ask('/authentication/verify', await people.signed(tab))).toMatchObject(failed)
    await people.auth.server.database.admin`
      update auth.webauthn_credentials set sign_count = sign_count - 100 where user_id = ${user.id}`
    expect((await people.ask('/authentication/verify', await people.signed(tab))).status).toBe(200)
  })

  test('with an answer that was changed, or is none', async () => {
    const { tab } = await people.signUpWithPasskey()
    const victim = await people.auth.signUp()
    const changes = [
      (response: Record<string, string>) => ({
        ...response,
        userHandle: Buffer.from(victim.user.id).toString('base64url'),
      }),
      (response: Record<string, string>) => ({ ...response, userHandle: undefined }),
      (response: Record<string, string>) => ({
        ...response,
        signature: `${response.signature?.startsWith('A') ? 'B' : 'A'}${response.signature?.slice(1)}`,
      }),
      () => ({}),
      () => ({ signature: 7, clientDataJSON: null, authenticatorData: {} }),
    ]
    for (const change of changes) {
      const { challenge_id, credential } = await people.signed(tab)
      const response = change(credential.response as Record<string, string>)
      expect(
        await people.ask('/authentication/verify', { challenge_id, credential: { ...credential, response } }),
      ).toMatchObject(failed)
    }
    const unknown = await people.signed(tab)
    expect(
      await people.ask('/authentication/verify', {
        ...unknown,
        credential: { ...unknown.credential, id: 'AAAA', rawId: 'AAAA' },
      }),
    ).toMatchObject(failed)
    for (const body of [
      {},
      { challenge_id: 'x', credential: unknown.credential },
      { challenge_id: randomUUID() },
      { challenge_id: 7, credential: [] },
    ]) {
      expect((await people.ask('/authentication/verify', body)).status).toBe(400)
    }
    expect((await people.ask('/authentication/verify', await people.signed(tab))).status).toBe(200)
  })

  test('of an account that was deleted, softly too', async () => {
    const { tab, user } = await people.signUpWithPasskey()
    const answer = await people.signed(tab)
    await people.auth.client(people.auth.server.secretKey).auth.admin.deleteUser(user.id, true)
    expect(await people.ask('/authentication/verify', answer)).toMatchObject(failed)
    const left = await people.auth.server.database.admin`
      select from auth.webauthn_credentials where user_id = ${user.id}`
    expect(left).toHaveLength(0)
  })

  test('of an account that is banned or not confirmed', async () => {
    const { tab, user } = await people.signUpWithPasskey()
    const { admin } = people.auth.client(people.auth.server.secretKey).auth
    await admin.updateUserById(user.id, { ban_duration: '1h' })
    expect(await people.ask('/authentication/verify', await people.signed(tab))).toMatchObject({
      status: 403,
      error_code: 'user_banned',
    })
    await admin.updateUserById(user.id, { ban_duration: 'none' })
    await people.auth.server.database
      .admin`update auth.users set email_confirmed_at = null where id = ${user.id}`
    expect(await people.ask('/authentication/verify', await people.signed(tab))).toMatchObject({
      status: 403,
      error_code: 'email_not_confirmed',
    })
    await people.auth.server.database
      .admin`update auth.users set email_confirmed_at = now() where id = ${user.id}`
    expect((await people.ask('/authentication/verify', await people.signed(tab))).status).toBe(200)
  })
})
