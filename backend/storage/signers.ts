import { hkdfSync } from 'node:crypto'
import { CompactEncrypt, compactDecrypt } from 'jose'
import type { Caller } from '../caller'
import { refusals } from './errors'

/** Whose rights an address stands for, and what they asked for when they signed it. */
export type Signer = { caller: Caller; operation: string }

/** Notes in an address who signed it, so that it ends with their right to what it shows. */
export type Signers = {
  /** Undefined where nobody's rights decided: nothing can end them. */
  seal(caller: Caller | null, operation: string): Promise<string | undefined>
  open(sealed: string): Promise<Signer>
}

/** Sealed, because an address is passed around: it tells nobody who made it. */
export function createSigners(storageKey: string): Signers {
  const key = new Uint8Array(hkdfSync('sha256', storageKey, '', 'signers of addresses', 32))
  return {
    async seal(caller, operation) {
      if (!caller || caller.role === 'service_role') return undefined
      // What people write about themselves decides nothing, and may be long.
      const { user_metadata: _, ...claims } = caller.claims
      const text = JSON.stringify({ role: caller.role, claims, operation })
      return new CompactEncrypt(new TextEncoder().encode(text))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .encrypt(key)
    },
    async open(sealed) {
      const options = { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] }
      const { plaintext } = await compactDecrypt(sealed, key, options).catch(() => {
        throw refusals.invalidSignature()
      })
      const { role, claims, operation } = JSON.parse(new TextDecoder().decode(plaintext))
      return { caller: { role, claims, token: null }, operation }
    },
  }
}
