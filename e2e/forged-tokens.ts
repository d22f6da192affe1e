import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { exportJWK, exportSPKI, importJWK, type JWK, SignJWT } from 'jose'
import { type Member, personClaims } from './crowd'
import type { Product } from './product'

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Tokens that name a real member and must all be worth nothing. */
export async function forgedTokens(product: Pick<Product, 'secrets' | 'url'>, member: Member) {
  const { kid, d: _, ...publicJwk } = product.secrets.signingKey
  const claims = {
    ...personClaims(member, product.url),
    aud: 'authenticated',
    iat: seconds(),
    exp: seconds() + 3600,
  }
  const [header, payload, signature] = member.token.split('.') as [string, string, string]
  const spki = await exportSPKI(
    (await importJWK(publicJwk as JWK, 'ES256', { extractable: true })) as CryptoKey,
  )
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const strangerJwk = await exportJWK(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey)
  const own = await importJWK(product.secrets.signingKey as JWK, 'ES256')
  const hs256 = (secret: string) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid }).sign(Buffer.from(secret))
  const es256 = (change: object, key: Parameters<SignJWT['sign']>[0] = own) =>
    new SignJWT({ ...claims, ...change }).setProtectedHeader({ alg: 'ES256', kid }).sign(key)

  return {
    'algorithm none': `${encode({ alg: 'none', typ: 'JWT' })}.${encode(claims)}.`,
    'algorithm None, with the old signature': `${encode({ alg: 'None', kid })}.${payload}.${signature}`,
    'HS256 with the public key as JWK': await hs256(JSON.stringify({ ...publicJwk, kid })),
    'HS256 with the public key as PEM': await hs256(spki),
    'HS256 with an empty secret': `${encode({ alg: 'HS256' })}.${encode(claims)}.${'A'.repeat(43)}`,
    'HS256 with another secret': await hs256(randomUUID()),
    'ES256 with another key and our kid': await es256({}, stranger),
    'ES256 with a key of its own in the header': await new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', jwk: strangerJwk })
      .sign(stranger),
    'another payload under a real signature': `${header}.${encode({ ...claims, role: 'service_role' })}.${signature}`,
    'a real signature cut short': `${header}.${payload}.${signature.slice(0, -4)}`,
    expired: await es256({ exp: seconds() - 60 }),
    'expiry as text': await es256({ exp: String(seconds() + 3600) as never }),
    'no expiry': await es256({ exp: undefined }),
    'expiry beyond numbers': await es256({ exp: 9e99 }),
    'not valid yet': await es256({ nbf: seconds() + 3600 }),
    'another audience': await es256({ aud: 'storage' }),
    'the superuser as role': await es256({ role: 'supabase_admin' }),
    'not a token': 'nonsense',
  }
}

const seconds = () => Math.floor(Date.now() / 1000)
