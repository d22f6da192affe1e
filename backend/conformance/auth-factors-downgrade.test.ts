import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Person, startAuth } from './auth-client'
import { answer, challenge, enroll, halfSignedIn, signUpWithFactor } from './totp-client'

let auth: Awaited<ReturnType<typeof startAuth>>

beforeAll(async () => {
  auth = await startAuth({ manualLinking: true })
})

afterAll(() => auth.server.stop())

describe('no other way leads around the second factor', () => {
  test('a session without it changes neither password nor address, adds and removes no factor', async () => {
    const { owner, half, app } = await halfSignedIn(auth)
    const refused = { code: 'insufficient_aal' }
    const { auth: weak } = half.supabase
    expect((await weak.updateUser({ password: 'the password of a thief' })).error).toMatchObject({
      ...refused,
      status: 401,
    })
    expect((await weak.updateUser({ email: auth.newEmail('thief') })).error).toMatchObject(refused)
    expect((await weak.mfa.enroll({ factorType: 'totp', friendlyName: 'mine' })).error).toMatchObject({
      ...refused,
      status: 403,
    })
    expect((await weak.mfa.unenroll({ factorId: app.id })).error).toMatchObject({ ...refused, status: 422 })
    expect((await weak.updateUser({ data: { nickname: 'a' } })).error).toBeNull()

    const { auth: strong } = owner.supabase
    // Strong enough; what is missing here is a mail server.
    expect((await strong.updateUser({ email: auth.newEmail('owner') })).error).toMatchObject({
      code: 'email_provider_disabled',
    })
    expect((await strong.mfa.enroll({ factorType: 'totp', friendlyName: 'mine' })).error).toBeNull()
    expect((await strong.updateUser({ password: 'the password of the owner' })).error).toBeNull()
    expect((await strong.mfa.unenroll({ factorId: app.id })).error).toBeNull()
  })

  test('a session without it neither links nor unlinks an identity', async () => {
    const { owner, half } = await halfSignedIn(auth)
    const [identity] = owner.user.identities ?? []
    const requests = [
      ['GET', '/user/identities/authorize?provider=google'],
      ['DELETE', `/user/identities/${identity?.identity_id}`],
      ['POST', '/token?grant_type=id_token', { link_identity: true, provider: 'google', id_token: 'x' }],
    ] as const
    for (const [method, path, body] of requests) {
      const send = async ({ session }: Pick<Person, 'session'>) => {
        const headers = { authorization: `Bearer ${session.access_token}` }
        const response = await auth.ask(path, { method, headers, body: body ? JSON.stringify(body) : null })
        return (await response.json()).error_code
      }
      expect(await send(half)).toBe('insufficient_aal')
      expect([
        'single_identity_not_deletable',
        'oauth_provider_not_supported',
        'provider_disabled',
        'validation_failed',
      ]).toContain(await send(owner))
    }
  })

  test('a factor whose set-up began before the first one was verified goes with it', async () => {
    const { supabase, email } = await auth.signUp()
    const thief = await auth.signIn(email)
    const mine = await enroll(thief.supabase, 'of the thief')
    const challengeId = await challenge(thief.supabase, mine.id)
    const app = await enroll(supabase, 'of the owner')
    await supabase.auth.mfa.challengeAndVerify({ factorId: app.id, code: app.code() })
    const { status } = await answer(auth, thief, { app: mine, challengeId, code: mine.code() })
    expect(status).toBe(403)
    expect((await supabase.auth.mfa.listFactors()).data?.all).toMatchObject([{ id: app.id }])
  })

  test('nor one of another kind, which that leaves unfinished', async () => {
    const owner = await auth.signUp()
    const thief = await auth.signIn(owner.email)
    const mine = await enroll(thief.supabase, 'of the thief')
    const key = await owner.supabase.auth.mfa.enroll({ factorType: 'webauthn', friendlyName: 'key' })
    const verified = (id = '') =>
      auth.server.database.admin`update auth.mfa_factors set status = 'verified' where id = ${id}`
    await verified(key.data?.id)
    const again = await auth.signIn(owner.email)
    const challengeId = await challenge(again.supabase, mine.id)
    expect(await answer(auth, again, { app: mine, challengeId, code: mine.code() })).toMatchObject({
      status: 403,
      error_code: 'insufficient_aal',
    })
    expect((await again.supabase.auth.mfa.listFactors()).data?.totp).toEqual([])
    // What was begun by somebody who then showed the other one goes on.
    const both = await signUpWithFactor(auth)
    const second = await enroll(both.supabase, 'second')
    const { error } = await both.supabase.auth.mfa.challengeAndVerify({
      factorId: second.id,
      code: second.code(),
    })
    expect(error).toBeNull()
  })

  test('a device that was lost with its factor is signed out when the next factor counts', async () => {
    const lost = await signUpWithFactor(auth)
    const kept = await auth.signIn(lost.email)
    await kept.supabase.auth.mfa.challengeAndVerify({ factorId: lost.app.id, code: lost.app.code() })
    // As recovery codes do.
    await auth.server.database.admin`delete from auth.mfa_factors where id = ${lost.app.id}`
    const app = await enroll(kept.supabase, 'new')
    expect((await lost.supabase.auth.getUser()).error).toBeNull()
    const { error } = await kept.supabase.auth.mfa.challengeAndVerify({ factorId: app.id, code: app.code() })
    expect(error).toBeNull()
    expect((await lost.supabase.auth.getUser()).error).not.toBeNull()
    expect((await kept.supabase.auth.getUser()).error).toBeNull()
  })

  test('a token from before the code stays as weak as it was', async () => {
    const { half, app } = await halfSignedIn(auth)
    const before = half.session.access_token
    const { error } = await half.supabase.auth.mfa.challengeAndVerify({ factorId: app.id, code: app.code() })
    expect(error).toBeNull()
    const change = (token: string) =>
      auth.ask('/user', {
        method: 'PUT',
        body: JSON.stringify({ password: 'another password' }),
        headers: { authorization: `Bearer ${token}` },
      })
    expect((await change(before)).status).toBe(401)
    const { data } = await half.supabase.auth.getSession()
    expect((await change(data.session?.access_token ?? '')).status).toBe(200)
  })
})
