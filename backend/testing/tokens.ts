import { randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair } from 'jose'
import { createTokens, signLegacyToken, type TokensOptions } from '../tokens'

/** Keys of an imaginary installation, and tokens signed with them. */
export async function createTestTokens(options: Partial<TokensOptions> = {}) {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const signingKey: JsonWebKey & { kid: string } = { ...(await exportJWK(privateKey)), kid: randomUUID() }
  const jwtSecret = 'a secret that only this test knows, of more than 32 bytes'
  const tokens = createTokens({ signingKey, jwtSecret, issuer: 'http://localhost/auth/v1', ...options })
  return {
    tokens,
    signingKey,
    jwtSecret,
    /** The access token of a person, as Auth issues it. */
    user: (claims: Record<string, unknown> = {}, ttlSeconds = 3600) =>
      tokens.sign({ ...userClaims(), ...claims }, ttlSeconds),
    /** A token of the legacy secret. */
    legacy: (claims: Record<string, unknown>) =>
      signLegacyToken(jwtSecret, { exp: Math.floor(Date.now() / 1000) + 3600, ...claims }),
  }
}

function userClaims() {
  return {
    sub: randomUUID(),
    aud: 'authenticated',
    role: 'authenticated',
    session_id: randomUUID(),
    aal: 'aal1',
    is_anonymous: false,
  }
}
