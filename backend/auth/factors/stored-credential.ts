import type { Credential, NewCredential } from '../passkeys/webauthn'

/** A security key in the form that GoTrue keeps in `web_authn_credential`; bytes are standard base64. */
export type StoredCredential = {
  id: string
  publicKey: string
  attestationType: string
  transport: string[] | null
  flags: { userPresent: boolean; userVerified: boolean; backupEligible: boolean; backupState: boolean }
  authenticator: { AAGUID: string; signCount: number; cloneWarning: boolean; attachment: string }
}

/** How a new security key is stored. */
export function storedCredential(credential: NewCredential): StoredCredential {
  const { id, publicKey, format, transports, aaguid, signCount } = credential
  return {
    id: id.toString('base64'),
    publicKey: publicKey.toString('base64'),
    attestationType: format,
    transport: transports,
    flags: {
      userPresent: true,
      userVerified: credential.userVerified,
      backupEligible: credential.backupEligible,
      backupState: credential.backedUp,
    },
    authenticator: {
      AAGUID: Buffer.from(aaguid.replaceAll('-', ''), 'hex').toString('base64'),
      signCount,
      cloneWarning: false,
      attachment: '',
    },
  }
}

/** What an answer of a stored security key is checked against. */
export function toCredential({ id, publicKey, transport, authenticator }: StoredCredential): Credential {
  return {
    id: Buffer.from(id, 'base64'),
    publicKey: Buffer.from(publicKey, 'base64'),
    signCount: authenticator.signCount,
    transports: transport ?? [],
  }
}
