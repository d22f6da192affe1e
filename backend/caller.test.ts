import { beforeAll, describe, expect, test } from 'vitest'
import { apiKeyOf, bearerToken, type CallerDeps, resolveCaller } from './caller'
import { createTestTokens } from './testing/tokens'

const publishableKey = 'sb_publishable_of_this_test'
const secretKey = 'sb_secret_of_this_test'
let keys: Awaited<ReturnType<typeof createTestTokens>>
let deps: CallerDeps

beforeAll(async () => {
  keys = await createTestTokens()
  deps = { secrets: { publishableKey, secretKey }, tokens: keys.tokens }
})

function ask(headers: Record<string, string>, query = '') {
  return resolveCaller(new Request(`http://localhost/rest/v1/messages${query}`, { headers }), deps)
}

function bearer(token: string) {
  return { authorization: `Bearer ${token}` }
}

describe('a key', () => {
  test('names a role and nobody', async () => {
    expect(await ask({ apikey: publishableKey })).toMatchObject({ role: 'anon', token: null })
    expect(await ask({}, `?apikey=${publishableKey}`)).toMatchObject({ role: 'anon' })
    expect(await ask({ apikey: secretKey })).toMatchObject({ role: 'service_role', token: null })
    expect((await ask({ apikey: secretKey })).claims.sub).toBeUndefined()
  })

  test('may stand in for the bearer, as supabase-js sends it', async () => {
    expect(await ask({ apikey: publishableKey, ...bearer(publishableKey) })).toMatchObject({ role: 'anon' })
    expect(await ask({ apikey: secretKey, ...bearer(secretKey) })).toMatchObject({ role: 'service_role' })
  })

  test('of the legacy kind is a token of its secret', async () => {
    for (const role of ['anon', 'service_role']) {
      const key = await keys.legacy({ role, iss: 'supabase' })
      expect(await ask({ apikey: key, ...bearer(key) })).toMatchObject({ role, token: null })
      expect(await ask({ apikey: publishableKey, ...bearer(key) })).toMatchObject({ role, token: null })
    }
  })

  test('that is missing, made up or a person is refused in Supabase’s words', async () => {
    await expect(ask({})).rejects.toMatchObject({
      status: 401,
      body: { message: 'No API key found in request', hint: expect.any(String) },
    })
    await expect(ask({ apikey: '' })).rejects.toMatchObject({
      body: { message: 'No API key found in request' },
    })
    const person = await keys.legacy({ role: 'authenticated', sub: 'ada' })
    const disguised = await keys.legacy({ role: 'anon', sub: 'ada' })
    const expired = await keys.legacy({ role: 'service_role', exp: 1 })
    const made = [`${publishableKey}x`, publishableKey.slice(0, -1), 'sb_secret_', 'a.b.c', 'x']
    for (const apikey of [...made, person, disguised, expired, await keys.user()]) {
      await expect(ask({ apikey })).rejects.toMatchObject({
        status: 401,
        body: { message: 'Invalid API key' },
      })
    }
  })

  test('that is secret is refused in a browser, and only there', async () => {
    const browsers: Record<string, string>[] = [
      { origin: 'http://localhost:3000' },
      { origin: 'null' },
      { 'sec-fetch-site': 'same-origin' },
      { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64)' },
    ]
    for (const browser of browsers) {
      await expect(ask({ apikey: secretKey, ...browser })).rejects.toMatchObject({
        status: 401,
        body: { message: 'Forbidden use of secret API key in browser' },
      })
      expect(await ask({ apikey: publishableKey, ...browser })).toMatchObject({ role: 'anon' })
    }
    expect(await ask({ apikey: secretKey, 'sec-fetch-mode': 'cors', 'user-agent': 'node' })).toMatchObject({
      role: 'service_role',
    })
  })

  test('that is secret does not pass as the bearer beside another key', async () => {
    await expect(ask({ apikey: publishableKey, ...bearer(secretKey) })).rejects.toMatchObject({
      body: { message: 'Invalid API key' },
    })
  })
})

describe('a token', () => {
  test('outranks the key', async () => {
    const token = await keys.user({ sub: 'ada' })
    for (const apikey of [publishableKey, secretKey]) {
      expect(await ask({ apikey, ...bearer(token) })).toMatchObject({
        role: 'authenticated',
        token,
        claims: { sub: 'ada' },
      })
    }
  })

  test('without a key is not enough', async () => {
    await expect(ask(bearer(await keys.user()))).rejects.toMatchObject({
      body: { message: 'No API key found in request' },
    })
  })

  test('that is not accepted is answered like PostgREST does', async () => {
    const expired = await keys.user({}, -1)
    await expect(ask({ apikey: publishableKey, ...bearer(expired) })).rejects.toMatchObject({
      status: 401,
      body: { code: 'PGRST303', details: null, hint: null, message: 'JWT expired' },
    })
    await expect(ask({ apikey: secretKey, ...bearer('a.b.c') })).rejects.toMatchObject({
      body: { code: 'PGRST301' },
    })
    await expect(ask({ apikey: publishableKey, authorization: 'Bearer ' })).rejects.toMatchObject({
      body: { code: 'PGRST301', message: 'Empty JWT is sent in Authorization header' },
    })
  })
})

test('an Authorization header is read without regard to case, other schemes are not', () => {
  expect(bearerToken('bearer x.y.z')).toBe('x.y.z')
  expect(bearerToken('BEARER  x ')).toBe('x')
  expect(bearerToken('Bearer')).toBe('')
  for (const header of [null, undefined, '', 'Basic abc', 'Bearerx']) expect(bearerToken(header)).toBeNull()
})

test('the header outranks the query parameter', () => {
  const request = new Request('http://localhost/?apikey=query', { headers: { apikey: 'header' } })
  expect(apiKeyOf(request)).toBe('header')
})
