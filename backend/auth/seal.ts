import { hkdfSync } from 'node:crypto'
import { CompactEncrypt, compactDecrypt } from 'jose'

/** Makes texts unreadable for whoever sees the database without the installation's secrets. */
export type Seal = {
  seal(text: string): Promise<string>
  /** Throws when the text was sealed with another key or changed since. */
  open(sealed: string): Promise<string>
}

/** One purpose, one key: the key is derived from the signing key and cannot be turned back into it. */
function createSeal(signingKey: JsonWebKey, purpose: string): Seal {
  const key = new Uint8Array(hkdfSync('sha256', signingKey.d ?? '', '', `seal ${purpose}`, 32))
  return {
    seal: (text) =>
      new CompactEncrypt(new TextEncoder().encode(text))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .encrypt(key),
    async open(sealed) {
      const options = { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] }
      const { plaintext } = await compactDecrypt(sealed, key, options)
      return new TextDecoder().decode(plaintext)
    },
  }
}

/** For the secrets of sign-in providers that an administrator added. */
export const sealOfProviders = (signingKey: JsonWebKey): Seal =>
  createSeal(signingKey, 'secrets of sign-in providers')
