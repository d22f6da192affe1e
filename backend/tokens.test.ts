import { createHmac } from 'node:crypto'
import { exportSPKI, importJWK, SignJWT } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { createTestTokens } from './testing/tokens'
import { createTokens } from './tokens'

const HOUR = 3600
let keys: Awaited<ReturnType<typeof createTestTokens>>
let now = Date.now()

beforeAll(async () => {
  keys = await createTestTokens({ now: () => now })
})

function encode(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
}

/** A token of the legacy secret with any header and any payload text, which no library would write. */
function raw(header: Record<string, unknown>, payload: unknown, secret: string | Buffer = keys.jwtSecret) {
  const signed = `${encode(header)}.${encode(payload)}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}

function seconds() {
  return Math.floor(now / 1000)
}

function claims(changes: Record<string, unknown> = {}) {
  return { role: 'authenticated', aud: 'authenticated', sub: 'ada', exp: seconds() + HOUR, ...changes }
}

describe('a token of our key', () => {
  test('is signed with ES256 and accepted with all its claims', async () => {
    const token = await keys.user({ sub: 'ada' })
    const [header = ''] = token.split('.')
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({
      alg: 'ES256',
      kid: keys.signingKey.kid,
      typ: 'JWT',
    })
    expect(await keys.tokens.verify(token)).toMatchObject({
      sub: 'ada',
      role: 'authenticated',
      iss: 'http://localhost/auth/v1',
      exp: seconds() + HOUR,
      iat: seconds(),
    })
  })

  test('verifies with the published key, which holds nothing private', async () => {
    const { keys: published } = keys.tokens.jwks()
    expect(published).toHaveLength(1)
    expect(Object.keys(published[0] ?? {}).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
  })

  test('stops with its expiry, also when it was accepted before', async () => {
    const token = await keys.user({}, 60)
    await keys.tokens.verify(token)
    now += 60_000
    await expect(keys.tokens.verify(token)).rejects.toThrow('JWT expired')
  })

  test.each([
    ['another audience', { aud: 'admins' }, 'JWT not in audience'],
    ['no audience', { aud: undefined }, 'JWT not in audience'],
    ['another issuer', { iss: 'http://evil.example/auth/v1' }, 'iss'],
    ['a database role that is not exposed', { role: 'postgres' }, 'role'],
    ['no role', { role: undefined }, 'role'],
    ['a list of roles', { role: ['authenticated'] }, 'role'],
    ['a numeric sub', { sub: 7 }, 'sub'],
    ['an iat of tomorrow', { iat: Math.floor(Date.now() / 1000) + 24 * HOUR }, 'JWT issued at future'],
  ])('with %s is refused', async (_, changes, message) => {
    await expect(keys.tokens.verify(await keys.user(changes))).rejects.toThrow(message)
  })

  test('of another installation is refused, under its kid and under ours', async () => {
    const other = await createTestTokens()
    await expect(keys.tokens.verify(await other.user())).rejects.toThrow('No suitable key')
    const forger = createTokens({
      signingKey: { ...other.signingKey, kid: keys.signingKey.kid } as JsonWebKey,
      jwtSecret: 'x',
      issuer: 'http://localhost/auth/v1',
    })
    await expect(keys.tokens.verify(await forger.sign(claims(), HOUR))).rejects.toThrow('No suitable key')
  })

  test('with a changed payload is refused', async () => {
    const [header, , signature] = (await keys.user()).split('.')
    const forged = `${header}.${encode(claims({ role: 'service_role' }))}.${signature}`
    await expect(keys.tokens.verify(forged)).rejects.toThrow('No suitable key')
  })
})

describe('a token of the legacy secret', () => {
  test('is accepted as a key and as a person', async () => {
    const anon = await keys.legacy({ role: 'anon', iss: 'supabase', exp: seconds() + HOUR })
    expect(await keys.tokens.verify(anon)).toMatchObject({ role: 'anon' })
    expect(await keys.tokens.verify(raw({ alg: 'HS256' }, claims()))).toMatchObject({ sub: 'ada' })
  })

  test.each([
    ['no exp', { exp: undefined }, "'exp'"],
    ['an exp that is text', { exp: '9999999999' }, "'exp'"],
    ['an exp beyond all dates', { exp: 9e99 }, "'exp'"],
    ['a negative exp', { exp: -1 }, "'exp'"],
    ['a null exp', { exp: null }, "'exp'"],
    ['a past exp', { exp: 1 }, 'JWT expired'],
    ['an nbf that is text', { nbf: '0' }, "'nbf'"],
    ['an nbf of tomorrow', { nbf: Math.floor(Date.now() / 1000) + 24 * HOUR }, 'JWT not yet valid'],
    ['another audience', { aud: 'admins' }, 'JWT not in audience'],
    ['another issuer', { iss: 'http://evil.example' }, 'iss'],
    ['the role of the database owner', { role: 'supabase_admin' }, 'role'],
  ])('with %s is refused', async (_, changes, message) => {
    await expect(keys.tokens.verify(raw({ alg: 'HS256' }, claims(changes)))).rejects.toThrow(message)
  })

  test('that says a claim twice is refused, also when escaped', async () => {
    const rest = `"aud":"authenticated","exp":${seconds() + HOUR}`
    for (const first of ['"role"', '"r\\u006fle" ']) {
      const payload = `{${first}:"authenticated","role":"service_role",${rest}}`
      await expect(keys.tokens.verify(raw({ alg: 'HS256' }, payload))).rejects.toThrow(
        'Parsing claims failed',
      )
    }
    const nested = `{"role":"authenticated","user_metadata":{"role":"x","list":[{"role":"y"}]},${rest}}`
    expect(await keys.tokens.verify(raw({ alg: 'HS256' }, nested))).toMatchObject({ role: 'authenticated' })
  })

  test.each([['[]'], ['null'], ['"text"'], ['{'], ['']])(
    'with the payload %s is refused',
    async (payload) => {
      await expect(keys.tokens.verify(raw({ alg: 'HS256' }, payload))).rejects.toThrow()
    },
  )

  test('signed with another secret is refused', async () => {
    await expect(keys.tokens.verify(raw({ alg: 'HS256' }, claims(), 'guess'))).rejects.toThrow(
      'No suitable key',
    )
  })
})

describe('the header does not choose how a token is verified', () => {
  test('alg none, with and without a signature', async () => {
    for (const alg of ['none', 'None', 'NONE', '']) {
      for (const kid of [undefined, keys.signingKey.kid]) {
        const unsigned = `${encode({ alg, kid })}.${encode(claims())}.`
        await expect(keys.tokens.verify(unsigned)).rejects.toThrow('No suitable key')
        await expect(keys.tokens.verify(raw({ alg, kid }, claims()))).rejects.toThrow('No suitable key')
      }
    }
  })

  test('HS256 signed with our public key', async () => {
    const [jwk] = keys.tokens.jwks().keys
    const pem = await exportSPKI((await importJWK(jwk ?? {}, 'ES256')) as Parameters<typeof exportSPKI>[0])
    for (const secret of [pem, pem.trim(), JSON.stringify(jwk), Buffer.from(jwk?.x ?? '', 'base64url')]) {
      for (const kid of [undefined, keys.signingKey.kid]) {
        await expect(keys.tokens.verify(raw({ alg: 'HS256', kid }, claims(), secret))).rejects.toThrow()
      }
    }
  })

  test('other algorithms of the secret', async () => {
    const token = await new SignJWT(claims())
      .setProtectedHeader({ alg: 'HS512' })
      .sign(new TextEncoder().encode(`${keys.jwtSecret} and more, for sixty-four bytes`))
    await expect(keys.tokens.verify(token)).rejects.toThrow('No suitable key')
    await expect(keys.tokens.verify(raw({ alg: 'HS512' }, claims()))).rejects.toThrow('No suitable key')
  })

  test.each([['../../etc/passwd'], ['https://evil.example/key'], ["' or 1=1 --"], [7], [''], [null]])(
    'the kid %s',
    async (kid) => {
      await expect(keys.tokens.verify(raw({ alg: 'HS256', kid }, claims(), 'guess'))).rejects.toThrow()
    },
  )

  test('jku, x5u and jwk are never followed', async () => {
    const other = await createTestTokens()
    const key = await importJWK(other.signingKey as Parameters<typeof importJWK>[0], 'ES256')
    const [jwk] = other.tokens.jwks().keys
    const url = 'https://evil.example/jwks.json'
    for (const kid of [undefined, other.signingKey.kid, keys.signingKey.kid]) {
      const token = await new SignJWT(claims())
        .setProtectedHeader({ alg: 'ES256', kid, jwk, jku: url, x5u: url })
        .sign(key)
      await expect(keys.tokens.verify(token)).rejects.toThrow('No suitable key')
    }
  })

  test.each([
    ['', 'Empty JWT'],
    ['abc', 'got 1'],
    ['a.b', 'got 2'],
    ['a.b.c.d', 'got 4'],
    ['..', "couldn't"],
  ])('%s is no token', async (token, message) => {
    await expect(keys.tokens.verify(token)).rejects.toThrow(message)
  })
})
