import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startAuth } from './auth-client'
import {
  type Authenticator,
  answer,
  challenge,
  forgetSteps,
  halfSignedIn,
  signUpWithFactor,
} from './totp-client'

let auth: Awaited<ReturnType<typeof startAuth>>

beforeAll(async () => {
  auth = await startAuth({ trustedProxies: 1 })
})

afterAll(() => auth.server.stop())

const wrongCode = (app: Authenticator) => {
  const right = [-2, -1, 0, 1, 2].map((later) => app.code(later))
  return (
    ['000000', '111111', '222222', '333333', '444444', '555555'].find((code) => !right.includes(code)) ?? ''
  )
}

describe('nobody skips a step', () => {
  test('without a challenge of this factor there is no verification', async () => {
    const { half, app } = await halfSignedIn(auth)
    for (const challengeId of [undefined, null, '', 'x', 7, app.id, randomUUID()]) {
      const { status } = await answer(auth, half, { app, challengeId, code: app.code() })
      expect([400, 422]).toContain(status)
    }
    const challengeId = await challenge(half.supabase, app.id)
    expect(await answer(auth, half, { app, challengeId, code: '' })).toMatchObject({ status: 400 })
    expect(await answer(auth, half, { app, challengeId, code: app.code() })).toMatchObject({ status: 200 })
  })

  test('a challenge that is over, used or asked for elsewhere is refused', async () => {
    const { half, app } = await halfSignedIn(auth)
    const over = await challenge(half.supabase, app.id)
    await auth.server.database.admin`
      update auth.mfa_challenges set created_at = created_at - interval '301 seconds' where id = ${over}`
    expect(await answer(auth, half, { app, challengeId: over, code: app.code() })).toMatchObject({
      status: 422,
      error_code: 'mfa_challenge_expired',
    })
    const challengeId = await challenge(half.supabase, app.id)
    const elsewhere = { app, challengeId, code: app.code(), address: '203.0.113.7' }
    expect(await answer(auth, half, elsewhere)).toMatchObject({
      status: 422,
      error_code: 'mfa_ip_address_mismatch',
    })
    expect(await answer(auth, half, { app, challengeId, code: app.code() })).toMatchObject({ status: 200 })
    await forgetSteps(auth, app.id)
    const { status } = await answer(auth, half, { app, challengeId, code: app.code() })
    expect(status).toBe(422)
  })

  test('a session that has ended cannot be raised', async () => {
    const { half, app } = await halfSignedIn(auth)
    const challengeId = await challenge(half.supabase, app.id)
    await auth.post('/logout?scope=local', {}, { authorization: `Bearer ${half.session.access_token}` })
    expect(await answer(auth, half, { app, challengeId, code: app.code() })).toMatchObject({
      status: 403,
      error_code: 'session_not_found',
    })
  })

  test('a token without a session raises nothing', async () => {
    const { owner, app, half } = await halfSignedIn(auth)
    const challengeId = await challenge(half.supabase, app.id)
    const { access_token: own } = half.session
    const parts = own.split('.').map((part) => Buffer.from(part, 'base64url').toString())
    expect(JSON.parse(parts[1] ?? '').sub).toBe(owner.user.id)
    const tampered = Buffer.from(JSON.stringify({ ...JSON.parse(parts[1] ?? ''), aal: 'aal2' })).toString(
      'base64url',
    )
    const session = { ...half.session, access_token: own.split('.').with(1, tampered).join('.') }
    expect(await answer(auth, { session }, { app, challengeId, code: app.code() })).toMatchObject({
      status: 403,
    })
    expect(await answer(auth, half, { app, challengeId, code: app.code() })).toMatchObject({ status: 200 })
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
      const verified = await answer(auth, thief, {
        app: { id: factorId },
        challengeId: randomUUID(),
        code: app.code(),
      })
      expect(verified).toMatchObject({ status: 404, error_code: 'mfa_factor_not_found' })
    }
    expect((await thief.supabase.auth.mfa.challenge({ factorId: 'x' })).error).toMatchObject({ status: 404 })
  })

  test('has challenges that nobody else can answer', async () => {
    const { half, app } = await halfSignedIn(auth)
    const thief = await signUpWithFactor(auth)
    const challengeId = await challenge(half.supabase, app.id)
    expect(await answer(auth, thief, { app: thief.app, challengeId, code: thief.app.code() })).toMatchObject({
      status: 422,
      error_code: 'mfa_factor_not_found',
    })
    expect(await answer(auth, half, { app, challengeId, code: app.code() })).toMatchObject({ status: 200 })
  })
})

describe('a code counts once', () => {
  test('also with another challenge, and so do the codes from before it', async () => {
    const { half, app } = await halfSignedIn(auth)
    const code = app.code()
    const first = await challenge(half.supabase, app.id)
    const second = await challenge(half.supabase, app.id)
    const raised = await answer(auth, half, { app, challengeId: first, code })
    expect(raised.status).toBe(200)
    const session = { ...half.session, access_token: raised.access_token }
    for (const replayed of [code, app.code(-1)]) {
      expect(await answer(auth, { session }, { app, challengeId: second, code: replayed })).toMatchObject({
        status: 422,
        error_code: 'mfa_verification_failed',
      })
    }
    expect(await answer(auth, { session }, { app, challengeId: second, code: app.code(1) })).toMatchObject({
      status: 200,
    })
  })

  test('when many come with it at once', async () => {
    const { owner, app } = await halfSignedIn(auth)
    const sessions = await Promise.all([1, 2, 3, 4].map(() => auth.signIn(owner.email)))
    const challenged = []
    for (const half of sessions) {
      challenged.push({ half, challengeId: await challenge(half.supabase, app.id) })
    }
    const code = app.code()
    const answers = await Promise.all(
      challenged.flatMap(({ half, challengeId }) =>
        [1, 2, 3].map(() => answer(auth, half, { app, challengeId, code })),
      ),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status >= 500)).toHaveLength(0)
  })
})

describe('guessing', () => {
  test('spoils a challenge after five tries', async () => {
    const { half, app } = await halfSignedIn(auth)
    const challengeId = await challenge(half.supabase, app.id)
    for (let n = 0; n < 5; n++) {
      expect(await answer(auth, half, { app, challengeId, code: wrongCode(app) })).toMatchObject({
        status: 422,
        error_code: 'mfa_verification_failed',
      })
    }
    expect(await answer(auth, half, { app, challengeId, code: app.code() })).toMatchObject({
      status: 422,
      error_code: 'mfa_challenge_expired',
    })
    const next = await challenge(half.supabase, app.id)
    expect(await answer(auth, half, { app, challengeId: next, code: app.code() })).toMatchObject({
      status: 200,
    })
  })

  test('ends after ten tries within an hour, whatever the session and the address', async () => {
    const { owner, half, app } = await halfSignedIn(auth)
    const parallel = await Promise.all([1, 2, 3, 4].map(() => challenge(half.supabase, app.id)))
    const guesses = await Promise.all(
      parallel.flatMap((challengeId) =>
        [1, 2, 3, 4, 5].map(() => answer(auth, half, { app, challengeId, code: wrongCode(app) })),
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
    const refused = await answer(auth, other, right)
    expect(refused).toMatchObject({ status: 429, error_code: 'over_request_rate_limit' })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3_500)

    // The person who is signed in with both goes on, and so does everybody else.
    expect((await owner.supabase.auth.updateUser({ data: { a: 1 } })).error).toBeNull()
    const neighbour = await halfSignedIn(auth)
    const challengeId = await challenge(neighbour.half.supabase, neighbour.app.id)
    const code = neighbour.app.code()
    expect(await answer(auth, neighbour.half, { app: neighbour.app, challengeId, code })).toMatchObject({
      status: 200,
    })

    await auth.server.database.admin`
      update auth.mfa_challenges set created_at = created_at - interval '1 hour'
      where factor_id = ${app.id} and id <> ${id}`
    expect(await answer(auth, other, right)).toMatchObject({ status: 200 })
  })

  test('is not open to strangers, who therefore lock nobody out', async () => {
    const { half, app } = await halfSignedIn(auth)
    const challengeId = await challenge(half.supabase, app.id)
    const stranger = await auth.signUp()
    for (let n = 0; n < 12; n++) {
      const body = { challenge_id: challengeId, code: wrongCode(app) }
      expect((await auth.post(`/factors/${app.id}/verify`, body)).status).toBe(401)
      expect(await answer(auth, stranger, { app, challengeId, code: wrongCode(app) })).toMatchObject({
        status: 404,
      })
    }
    expect(await answer(auth, half, { app, challengeId, code: app.code() })).toMatchObject({ status: 200 })
  })
})
