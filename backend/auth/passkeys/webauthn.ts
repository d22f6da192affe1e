import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import { z } from 'zod'
import type { Logger } from '../../log'
import type { UserRow } from '../user-row'
import type { RelyingParty } from './relying-party'

/** It takes 20 MB with all the kinds of certificates that it knows: for those who use it. */
const library = () => import('@simplewebauthn/server')

/** How long a person may look for their key. */
export const CHALLENGE_SECONDS = 300

/** Whether the authenticator must know its owner, by a finger or a PIN, or whether it is enough to hold it. */
export type Verification = 'required' | 'preferred'

/** A credential as it is stored, with what a sign-in is checked against. */
export type Credential = { id: Buffer; publicKey: Buffer; signCount: number; transports: string[] }

/** What a new credential is made of. */
export type NewCredential = Credential & {
  format: string
  aaguid: string
  userVerified: boolean
  backupEligible: boolean
  backedUp: boolean
}

/** What an authenticator answered; its form is looked at when it is verified. */
export const credentialSchema = z.looseObject({
  id: z.string(),
  response: z.looseObject({
    userHandle: z.string().nullish(),
    transports: z.array(z.string().max(32)).max(10).nullish(),
  }),
})

/** An answer of an authenticator, before it is verified. */
export type CredentialResponse = z.infer<typeof credentialSchema>

/** What a browser is to make a new credential from. */
export async function creationOptions(
  rp: RelyingParty,
  user: Pick<UserRow, 'id' | 'email'>,
  { known, isPasskey }: { known: Pick<Credential, 'id'>[]; isPasskey: boolean },
) {
  const name = user.email || user.id
  const { generateRegistrationOptions } = await library()
  return generateRegistrationOptions({
    rpName: rp.name,
    rpID: rp.id,
    // GoTrue's form: credentials stay good when an installation moves.
    userID: new Uint8Array(Buffer.from(user.id)),
    userName: name,
    userDisplayName: name,
    timeout: CHALLENGE_SECONDS * 1000,
    excludeCredentials: known.map(({ id }) => ({ id: id.toString('base64url') })),
    authenticatorSelection: isPasskey
      ? { residentKey: 'required', userVerification: 'required' }
      : { residentKey: 'discouraged', userVerification: 'preferred' },
  })
}

/** What a browser is to sign in with: one of these, or whichever it has when none is named. */
export async function requestOptions(rp: RelyingParty, known: Credential[], verification: Verification) {
  const { generateAuthenticationOptions } = await library()
  return generateAuthenticationOptions({
    rpID: rp.id,
    timeout: CHALLENGE_SECONDS * 1000,
    userVerification: verification,
    ...(known.length > 0 ? { allowCredentials: known.map(descriptor) } : {}),
  })
}

/** The new credential; null when the answer is not what was asked for. */
export async function verifyCreation(
  log: Logger,
  rp: RelyingParty,
  answer: { response: CredentialResponse; challenge: string; verification: Verification },
): Promise<NewCredential | null> {
  const { verifyRegistrationResponse } = await library()
  try {
    const { registrationInfo: info } = await verifyRegistrationResponse({
      response: answer.response as unknown as RegistrationResponseJSON,
      expectedChallenge: answer.challenge,
      expectedOrigin: rp.origins,
      expectedRPID: rp.id,
      requireUserVerification: answer.verification === 'required',
    })
    if (!info) return null
    return {
      id: Buffer.from(info.credential.id, 'base64url'),
      publicKey: Buffer.from(info.credential.publicKey),
      signCount: info.credential.counter,
      transports: answer.response.response.transports ?? [],
      format: info.fmt,
      aaguid: info.aaguid,
      userVerified: info.userVerified,
      backupEligible: info.credentialDeviceType === 'multiDevice',
      backedUp: info.credentialBackedUp,
    }
  } catch (error) {
    log.debug({ err: error }, 'A new credential was refused')
    return null
  }
}

/**
 * What is new about a credential that signed the challenge; null when it did not, or counted backwards: then two of
 * it exist. GoTrue only notes that.
 */
export async function verifyRequest(
  log: Logger,
  rp: RelyingParty,
  credential: Credential,
  answer: { response: CredentialResponse; challenge: string; verification: Verification },
): Promise<{ signCount: number; backedUp: boolean } | null> {
  const { verifyAuthenticationResponse } = await library()
  try {
    const { verified, authenticationInfo: info } = await verifyAuthenticationResponse({
      response: answer.response as unknown as AuthenticationResponseJSON,
      expectedChallenge: answer.challenge,
      expectedOrigin: rp.origins,
      expectedRPID: rp.id,
      credential: {
        id: credential.id.toString('base64url'),
        publicKey: new Uint8Array(credential.publicKey),
        counter: credential.signCount,
      },
      requireUserVerification: answer.verification === 'required',
    })
    return verified ? { signCount: info.newCounter, backedUp: info.credentialBackedUp } : null
  } catch (error) {
    log.debug({ err: error }, 'A credential was refused')
    return null
  }
}

function descriptor({ id, transports }: Credential) {
  return { id: id.toString('base64url'), ...(transports.length > 0 ? { transports } : {}) }
}
