import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Person, startAuth } from './auth-client'
import { type Authenticator, challenge, enroll, forgetSteps, signUpWithFactor } from './totp-client'

let auth: Awaited<ReturnType<typeof startAuth>>

beforeAll(async () => {
  auth = await startAuth({ trustedProxies: 1, manualLinking: true })
})

afterAll(() => auth.server.stop())

/** Somebody who knows the password of a person with a second factor, and the person's app. */
async function halfSignedIn() {
  const owner = await signUpWithFactor(auth)
  return { owner, app: owner.app, half: await auth.signIn(owner.email) }
}

/** The answer to a challenge as curl sends it. */
async function answer(
  { session }: Pick<Person, 'session'>,
  to: { app: Pick<Authenticator, 'id'>; challengeId: unknown; code: string; address?: string },
) {
  const headers = {
    authorization: `Bearer ${session.access_token}`,
    ...(to.address ? { 'x-forwarded-for': to.address } : {}),
  }
  const body = { challenge_id: to.challengeId, code: to.code }
  const response = await auth.post(`/factors/${to.app.id}/verify`, body, headers)
  return { status: response.status, headers: response.headers, ...(await response.json()) }
}

const wrongCode = (app: Authenticator) => {
  const right = [-2, -1, 0, 1, 2].map((later) => app.code(later))
  return (
    ['000000', '111111', '222222', '333333', '444444', '555555'].find((code) => !right.includes(code)) ?? ''
  )
}

describe('nobody skips a step', () => {
  test('without a challenge of this factor there is no verification', async () => {
    const { half, app } = await halfSignedIn()
    for (const challengeId of [undefined, null, '', 'x', 7, app.id, randomUUID()]) {
      const { status } = await answer(half, { app, challengeId, code: app.code() })
      expect([400, 422]).toContain(status)
    }
    const challengeId = await challenge(half.supabase, app.id)
    expect(await answer(half, { app, challengeId, code: '' })).toMatchObject({ status: 400 })
    expect(await answer(half, { app, challengeId, code: app.code() })).toMatchObject({ status: 200 })
  })

  test('a challenge that is over, used or asked for elsewhere is refused', async () => {
    const { half, app } = await halfSignedIn()
    const over = await challenge(half.supabase, app.id)
    await auth.server.database.admin`
      update auth.mfa_challenges set created_at = created_at - interval '301 seconds' where id = ${over}`
    expect(await answer(half, { app, challengeId: over, code: app.code() })).toMatchObject({
      status: 422,
      error_code: 'mfa_challenge_expired',
    })
    const challengeId = await challenge(half.supabase, app.id)
    const elsewhere = { app, challengeId, code: app.code(), address: '203.0.113.7' }
    expect(await answer(half, elsewhere)).toMatchObject({
      status: 422,
      error_code: 'mfa_ip_address_mismatch',
    })
    expect(await answer(half, { app, challengeId, code: app.code() })).toMatchObject({ status: 200 })
    await forgetSteps(auth, app.id)
    const { status } = await answer(half, { app, challengeId, code: app.code() })
    expect(status).toBe(422)
  })

  test('a session that has ended cannot be raised', async () => {
    const { half, app } = await halfSignedIn()
    const challengeId = await challenge(half.supabase, app.id)
    await auth.post('/logout?scope=local', {}, { authorization: `Bearer ${half.session.access_token}` })
    expect(await answer(half, { app, challengeId, code: app.code() })).toMatchObject({
      status: 403,
      error_code: 'session_not_found',
    })
  })

  test('a token without a session raises nothing', async () => {
    const { owner, app, half } = await halfSignedIn()
    const challengeId = await challenge(half.supabase, app.id)
    const { access_token: own } = half.session
    const parts = own.split('.').map((part) => Buffer.from(part, 'base64url').toString())
    expect(JSON.parse(parts[1] ?? '').sub).toBe(owner.user.id)
    const tampered = Buffer.from(JSON.stringify({ ...JSON.parse(parts[1] ?? ''), aal: 'aal2' })).toString(
      'base64url',
    )
    const session = { ...half.session, access_token: own.split('.').with(1, tampered).join('.') }
    expect(await answer({ session }, { app, challengeId, code: app.code() })).toMatchObject({ status: 403 })
    expect(await answer(half, { app, challengeId, code: app.code() })).toMatchObject({ status: 200 })
  })
})

describe("somebody else's factor", () => {
  test('does not exist', async () => {
    const { app } = await signUpWithFactor(auth)
    const thief = await auth.signUp()
    const missing = { status: 404, code: 'mfa_factor_not_found' }
    for (const factorId of [app.id, randomUUID()]) {
      expect((await thief.supabase.auth.mfa.challenge({ factorId })).error).toMatchObject(missing)
      expect((await thief.supabase.auth.mfa.unenroll({ factorId })).error).toMatchObject(missing)
      const verified = await answer(thief, {
        app: { id: factorId },
        challengeId: randomUUID(),
        code: app.code(),
      })
      expect(verified).toMatchObject({ status: 404, error_code: 'mfa_factor_not_found' })
    }
    expect((await thief.supabase.auth.mfa.challenge({ factorId: 'x' })).error).toMatchObject({ status: 404 })
  })

  test('has challenges that nobody else can answer', async () => {
    const { half, app } = await halfSignedIn()
    const thief = await signUpWithFactor(auth)
    const challengeId = await challenge(half.supabase, app.id)
    expect(await answer(thief, { app: thief.app, challengeId, code: thief.app.code() })).toMatchObject({
      status: 422,
      error_code: 'mfa_factor_not_found',
    })
    expect(await answer(half, { app, challengeId, code: app.code() })).toMatchObject({ status: 200 })
  })
})

describe('a code counts once', () => {
  test('also with another challenge, and so do the codes from before it', async () => {
    const { half, app } = await halfSignedIn()
    const code = app.code()
    const first = await challenge(half.supabase, app.id)
    const second = await challenge(half.supabase, app.id)
    const raised = await answer(half, { app, challengeId: first, code })
    expect(raised.status).toBe(200)
    const session = { ...half.session, access_token: raised.access_token }
    for (const replayed of [code, app.code(-1)]) {
      expect(await answer({ session }, { app, challengeId: second, code: replayed })).toMatchObject({
        status: 422,
        error_code: 'mfa_verification_failed',
      })
    }
    expect(await answer({ session }, { app, challengeId: second, code: app.code(1) })).toMatchObject({
      status: 200,
    })
  })

  test('when many come with it at once', async () => {
    const { owner, app } = await halfSignedIn()
    const sessions = await Promise.all([1, 2, 3, 4].map(() => auth.signIn(owner.email)))
    const challenged = []
    for (const half of sessions) {
      challenged.push({ half, challengeId: await challenge(half.supabase, app.id) })
    }
    const code = app.code()
    const answers = await Promise.all(
      challenged.flatMap(({ half, challengeId }) =>
        [1, 2, 3].map(() => answer(half, { app, challengeId, code })),
      ),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status >= 500)).toHaveLength(0)
  })
})

describe('guessing', () => {
  test('spoils a challenge after five tries', async () => {
    const { half, app } = await halfSignedIn()
    const challengeId = await challenge(half.supabase, app.id)
    for (let n = 0; n < 5; n++) {
      expect(await answer(half, { app, challengeId, code: wrongCode(app) })).toMatchObject({
        status: 422,
        error_code: 'mfa_verification_failed',
      })
    }
    expect(await answer(half, { app, challengeId, code: app.code() })).toMatchObject({
      status: 422,
      error_code: 'mfa_challenge_expired',
    })
    const next = await challenge(half.supabase, app.id)
    expect(await answer(half, { app, challengeId: next, code: app.code() })).toMatchObject({ status: 200 })
  })

  test('ends after ten tries within an hour, whatever the session and the address', async () => {
    const { owner, half, app } = await halfSignedIn()
    const parallel = await Promise.all([1, 2, 3, 4].map(() => challenge(half.supabase, app.id)))
    const guesses = await Promise.all(
      parallel.flatMap((challengeId) =>
        [1, 2, 3, 4, 5].map(() => answer(half, { app, challengeId, code: wrongCode(app) })),
      ),
    )
    expect(guesses.filter(({ error_code: code }) => code === 'mfa_verification_failed')).toHaveLength(10)
    const other = await auth.signIn(owner.email)
    const headers = {
      authorization: `Bearer ${other.session.access_token}`,
      'x-forwarded-for': '203.0.113.9',
    }
    const { id } = await (await auth.post(`/factors/${app.id}/challenge`, {}, headers)).json()
    const right = { app, challengeId: id, code: app.code(), address: '203.0.113.9' }
    const refused = await answer(other, right)
    expect(refused).toMatchObject({ status: 429, error_code: 'over_request_rate_limit' })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3_500)

    // The person who is signed in with both goes on, and so does everybody else.
    expect((await owner.supabase.auth.updateUser({ data: { a: 1 } })).error).toBeNull()
    const neighbour = await halfSignedIn()
    const challengeId = await challenge(neighbour.half.supabase, neighbour.app.id)
    const code = neighbour.app.code()
    expect(await answer(neighbour.half, { app: neighbour.app, challengeId, code })).toMatchObject({
      status: 200,
    })

    await auth.server.database.admin`
      update auth.mfa_challenges set created_at = created_at - interval '1 hour'
      where factor_id = ${app.id} and id <> ${id}`
    expect(await answer(other, right)).toMatchObject({ status: 200 })
  })

  test('is not open to strangers, who therefore lock nobody out', async () => {
    const { half, app } = await halfSignedIn()
    const challengeId = await challenge(half.supabase, app.id)
    const stranger = await auth.signUp()
    for (let n = 0; n < 12; n++) {
      const body = { challenge_id: challengeId, code: wrongCode(app) }
      expect((await auth.post(`/factors/${app.id}/verify`, body)).status).toBe(401)
      expect(await answer(stranger, { app, challengeId, code: wrongCode(app) })).toMatchObject({
        status: 404,
      })
    }
    expect(await answer(half, { app, challengeId, code: app.code() })).toMatchObject({ status: 200 })
  })
})

describe('no other way leads around the second factor', () => {
  test('a session without it changes neither password nor address, adds and removes no factor', async () => {
    const { owner, half, app } = await halfSignedIn()
    const refused = { code: 'insufficient_aal' }
    const { auth: weak } = half.supabase
    expect((await weak.updateUser({ password: 'the password of a thief' })).error).toMatchObject({
      ...refused,
      status: 401,
    })
    expect((await weak.updateUser({ email: auth.newEmail('thief') })).error).toMatchObject(refused)
    expect((await weak.mfa.enroll({ factorType: 'totp', friendlyName: 'mine' })).error).toMatchObject({
      ...refused,
      status: 403,
    })
    expect((await weak.mfa.unenroll({ factorId: app.id })).error).toMatchObject({ ...refused, status: 422 })
    expect((await weak.updateUser({ data: { nickname: 'a' } })).error).toBeNull()

    const { auth: strong } = owner.supabase
    // Strong enough; what is missing here is a mail server.
    expect((await strong.updateUser({ email: auth.newEmail('owner') })).error).toMatchObject({
      code: 'email_provider_disabled',
    })
    expect((await strong.mfa.enroll({ factorType: 'totp', friendlyName: 'mine' })).error).toBeNull()
    expect((await strong.updateUser({ password: 'the password of the owner' })).error).toBeNull()
    expect((await strong.mfa.unenroll({ factorId: app.id })).error).toBeNull()
  })

  test('a session without it neither links nor unlinks an identity', async () => {
    const { owner, half } = await halfSignedIn()
    const [identity] = owner.user.identities ?? []
    const requests = [
      ['GET', '/user/identities/authorize?provider=google'],
      ['DELETE', `/user/identities/${identity?.identity_id}`],
      ['POST', '/token?grant_type=id_token', { link_identity: true, provider: 'google', id_token: 'x' }],
    ] as const
    for (const [method, path, body] of requests) {
      const send = async ({ session }: Pick<Person, 'session'>) => {
        const headers = { authorization: `Bearer ${session.access_token}` }
        const answer = await auth.ask(path, { method, headers, body: body ? JSON.stringify(body) : null })
        return (await answer.json()).error_code
      }
      expect(await send(half)).toBe('insufficient_aal')
      expect([
        'single_identity_not_deletable',
        'oauth_provider_not_supported',
        'provider_disabled',
        'validation_failed',
      ]).toContain(await send(owner))
    }
  })

  test('a factor whose set-up began before the first one was verified goes with it', async () => {
    const { supabase, email } = await auth.signUp()
    const thief = await auth.signIn(email)
    const mine = await enroll(thief.supabase, 'of the thief')
    const challengeId = await challenge(thief.supabase, mine.id)
    const app = await enroll(supabase, 'of the owner')
    await supabase.auth.mfa.challengeAndVerify({ factorId: app.id, code: app.code() })
    const { status } = await answer(thief, { app: mine, challengeId, code: mine.code() })
    expect(status).toBe(403)
    expect((await supabase.auth.mfa.listFactors()).data?.all).toMatchObject([{ id: app.id }])
  })

  test('a token from before the code stays as weak as it was', async () => {
    const { half, app } = await halfSignedIn()
    const before = half.session.access_token
    const { error } = await half.supabase.auth.mfa.challengeAndVerify({ factorId: app.id, code: app.code() })
    expect(error).toBeNull()
    const change = (token: string) =>
      auth.ask('/user', {
        method: 'PUT',
        body: JSON.stringify({ password: 'another password' }),
        headers: { authorization: `Bearer ${token}` },
      })
    expect((await change(before)).status).toBe(401)
    const { data } = await half.supabase.auth.getSession()
    expect((await change(data.session?.access_token ?? '')).status).toBe(200)
  })
})
