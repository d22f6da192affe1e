import { errors, jwtVerify, SignJWT } from 'jose'
import { invalid, refusals } from './errors'

/** What a signed address is good for. `by`: whose right it ends with, see signers.ts. */
export type Grant =
  | { purpose: 'download'; url: string; by?: string }
  | { purpose: 'render'; url: string; transformations: string; by?: string }
  | { purpose: 'upload'; url: string; owner: string | null; upsert: boolean }

/** Signs addresses, and checks them. */
export type Signatures = {
  sign(grant: Grant, ttlSeconds: number): Promise<string>
  /** The grant of a token that is valid now, for this purpose and this `bucket/key`. Throws StorageError 400. */
  verify<P extends Grant['purpose']>(
    token: string,
    purpose: P,
    url: string,
  ): Promise<Extract<Grant, { purpose: P }>>
}

/**
 * The tokens of signed addresses. Their key is storage's own and they name no role, so that nothing takes one for a
 * session; their purpose is signed, so that a permission to read is none to write.
 */
export function createSignatures(storageKey: string): Signatures {
  const key = new TextEncoder().encode(storageKey)
  return {
    sign(grant, ttlSeconds) {
      const now = Math.floor(Date.now() / 1000)
      return new SignJWT({ ...grant })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setIssuedAt(now)
        .setExpirationTime(now + ttlSeconds)
        .sign(key)
    },
    async verify(token, purpose, url) {
      const { payload } = await jwtVerify(token, key, {
        algorithms: ['HS256'],
        requiredClaims: ['exp'],
      }).catch((error: unknown) => {
        throw error instanceof errors.JWTExpired
          ? invalid('"exp" claim timestamp check failed', 'InvalidJWT')
          : invalid('The token of this address is not valid', 'InvalidJWT')
      })
      if (payload.purpose !== purpose || payload.url !== url) throw refusals.invalidSignature()
      return payload as never
    },
  }
}
