import type { SupabaseClient } from '@supabase/supabase-js'
import { Secret, TOTP } from 'otpauth'
import type { Person, startAuth } from './auth-client'

type Auth = Awaited<ReturnType<typeof startAuth>>

/** A factor with an authenticator app of its own. */
export type Authenticator = {
  id: string
  /** What the app shows now, or so many half minutes later. */
  code(later?: number): string
}

/** Begins the set-up of a factor. */
export async function enroll(supabase: SupabaseClient, friendlyName = 'phone'): Promise<Authenticator> {
  const { data, error } = await supabase.auth.mfa.enroll({ factorType: 'totp', friendlyName })
  if (error) throw error
  const totp = new TOTP({ secret: Secret.fromBase32(data.totp.secret) })
  return { id: data.id, code: (later = 0) => totp.generate({ timestamp: Date.now() + later * 30_000 }) }
}

/** A person with a verified factor, signed in with both. */
export async function signUpWithFactor(auth: Auth): Promise<Person & { app: Authenticator }> {
  const person = await auth.signUp()
  const app = await enroll(person.supabase)
  const { error } = await person.supabase.auth.mfa.challengeAndVerify({ factorId: app.id, code: app.code() })
  if (error) throw error
  const { data } = await person.supabase.auth.getSession()
  if (!data.session) throw new Error('not signed in')
  await forgetSteps(auth, app.id)
  return { ...person, session: data.session, app }
}

/** As if the codes that were used had been used longer ago. */
export async function forgetSteps(auth: Auth, factorId: string): Promise<void> {
  await auth.server.database.admin`
    update auth.mfa_challenges set web_authn_session_data = web_authn_session_data - 'totp_step'
    where factor_id = ${factorId}`
}

/** A new challenge. */
export async function challenge(supabase: SupabaseClient, factorId: string): Promise<string> {
  const { data, error } = await supabase.auth.mfa.challenge({ factorId })
  if (error) throw error
  return data.id
}

/** Somebody who knows the password of a person with a second factor, and the person's app. */
export async function halfSignedIn(auth: Auth) {
  const owner = await signUpWithFactor(auth)
  return { owner, app: owner.app, half: await auth.signIn(owner.email) }
}

/** The answer to a challenge as curl sends it. */
export async function answer(
  auth: Auth,
  { session }: Pick<Person, 'session'>,
  to: { app: Pick<Authenticator, 'id'>; challengeId: unknown; code: string; address?: string },
) {
  const headers = {
    authorization: `Bearer ${session.access_token}`,
    ...(to.address ? { 'x-forwarded-for': to.address } : {}),
  }
  const body = { challenge_id: to.challengeId, code: to.code }
  const response = await auth.post(`/factors/${to.app.id}/verify`, body, headers)
  return { status: response.status, headers: response.headers, ...(await response.json()) }
}
