import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { password, startAuth } from './auth-client'

let auth: Awaited<ReturnType<typeof startAuth>>

beforeAll(async () => {
  auth = await startAuth({ rateLimitSignUps: 3, rateLimitSignIns: 6, rateLimitRefreshes: 4 })
})

afterAll(() => auth.server.stop())

describe('what is there', () => {
  test('health and public keys need no key', async () => {
    const health = await fetch(`${auth.server.url}/auth/v1/health`)
    expect(await health.json()).toMatchObject({ name: 'GoTrue' })
    const jwks = await fetch(`${auth.server.url}/auth/v1/.well-known/jwks.json`)
    expect(jwks.headers.get('cache-control')).toContain('public')
    const { keys } = await jwks.json()
    expect(keys).toMatchObject([{ kty: 'EC', crv: 'P-256', alg: 'ES256' }])
    expect(keys[0]).not.toHaveProperty('d')
  })

  test('settings say what a sign-in page may offer', async () => {
    expect(await (await auth.ask('/settings')).json()).toMatchObject({
      external: { email: true, phone: false, google: false, anonymous_users: false },
      disable_signup: false,
      mailer_autoconfirm: true,
    })
  })

  test('everything else needs a key', async () => {
    for (const path of ['/settings', '/user', '/admin/users', '/nothing']) {
      const answer = await fetch(`${auth.server.url}/auth/v1${path}`)
      expect(answer.status).toBe(401)
      expect(await answer.json()).toEqual({
        message: 'No API key found in request',
        hint: 'No `apikey` request header or url param was found.',
      })
    }
    const wrong = await auth.ask('/settings', { headers: { apikey: 'sb_publishable_made_up' } })
    expect([wrong.status, await wrong.json()]).toMatchObject([401, { message: 'Invalid API key' }])
    expect(
      (await fetch(`${auth.server.url}/auth/v1/settings?apikey=${auth.server.publishableKey}`)).status,
    ).toBe(200)
  })

  test('the secret key is refused from a browser', async () => {
    const answer = await auth.ask('/admin/users', {
      headers: { apikey: auth.server.secretKey, origin: 'http://localhost:3000' },
    })
    expect([answer.status, await answer.json()]).toMatchObject([
      401,
      { message: 'Forbidden use of secret API key in browser' },
    ])
  })
})

describe('what is not there', () => {
  test.each([
    ['POST', '/oauth/token'],
    ['GET', '/oauth/authorizations/1'],
    ['GET', '/admin/oauth/clients'],
    ['GET', '/scim/v2/Users'],
    ['POST', '/token?grant_type=web3'],
    ['GET', '/factors/recovery-codes'],
    ['POST', '/factors/recovery-codes/verify'],
  ])('%s %s answers 501 and names itself', async (method, path) => {
    const answer = await auth.ask(path, { method, body: method === 'POST' ? '{}' : null })
    expect(answer.status).toBe(501)
    expect(await answer.json()).toMatchObject({ error_code: 'not_implemented', msg: expect.any(String) })
  })

  test.each([
    ['GET', '/nothing'],
    ['POST', '/signup/'],
    ['DELETE', '/user'],
    ['GET', '/token'],
  ])('%s %s answers in JSON', async (method, path) => {
    const answer = await auth.ask(path, { method })
    expect([404, 405]).toContain(answer.status)
    expect(answer.headers.get('content-type')).toContain('application/json')
  })

  test('an unknown grant', async () => {
    for (const grant of ['', 'x', 'constructor', '__proto__']) {
      expect((await auth.post(`/token?grant_type=${grant}`, {})).status).toBe(400)
    }
  })
})

describe('too much', () => {
  async function untilRefused(
    request: () => Promise<Response>,
  ): Promise<{ taken: number; refused: Response }> {
    for (let taken = 0; ; taken++) {
      const answer = await request()
      if (answer.status === 429) return { taken, refused: answer }
      if (taken > 50) throw new Error('never refused')
    }
  }

  test.each([
    ['sign-ups', '/signup', 3],
    ['sign-ins', '/token?grant_type=password', 6],
    ['refreshes', '/token?grant_type=refresh_token', 4],
  ])('%s are refused with the time to wait', async (_, path, limit) => {
    const body = { email: 'someone@example.com', password: 'wrong password', refresh_token: 'unknown' }
    const { taken, refused } = await untilRefused(() => auth.post(path, body))
    expect(taken).toBe(limit)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await refused.json()).toMatchObject({ code: 429, error_code: 'over_request_rate_limit' })
  })

  test('cannot be got around by naming another address', async () => {
    const headers = {
      'x-forwarded-for': '203.0.113.99',
      'x-real-ip': '203.0.113.99',
      forwarded: 'for=203.0.113.99',
    }
    const answer = await auth.post('/login', { email: 'other@example.com', password }, headers)
    expect(answer.status).toBe(429)
  })
})
