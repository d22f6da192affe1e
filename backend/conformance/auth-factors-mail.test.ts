import { afterAll, beforeAll, expect, test } from 'vitest'
import { startMailAuth } from './mail-client'
import { enroll } from './totp-client'

let auth: Awaited<ReturnType<typeof startMailAuth>>

beforeAll(async () => {
  auth = await startMailAuth()
})

afterAll(() => auth.stop())

test('a person hears by mail of a factor that counts from now on, and of its end', async () => {
  const { supabase, email } = await auth.member()
  const left = await enroll(supabase, 'left')
  await supabase.auth.mfa.unenroll({ factorId: left.id })
  const { id, code } = await enroll(supabase)
  await supabase.auth.mfa.challengeAndVerify({ factorId: id, code: code() })
  const added = await auth.smtp.mailTo(email, 2)
  expect(added.subject).toBe('A way to confirm your sign-in was added')
  expect(added.text).toContain('TOTP')

  const again = await supabase.auth.mfa.challengeAndVerify({ factorId: id, code: code(1) })
  expect(again.error).toBeNull()
  await supabase.auth.mfa.unenroll({ factorId: id })
  const removed = await auth.smtp.mailTo(email, 3)
  expect(removed.subject).toBe('A way to confirm your sign-in was removed')
  expect(auth.smtp.mails.filter(({ to }) => to === email)).toHaveLength(3)
})

test('a mail with a link or a code leads to a session that has not seen the factor', async () => {
  const { supabase, email } = await auth.member()
  const { id, code } = await enroll(supabase)
  await supabase.auth.mfa.challengeAndVerify({ factorId: id, code: code() })
  await auth.smtp.mailTo(email, 2)
  const thief = auth.client()
  await thief.auth.resetPasswordForEmail(email)
  const { code: token } = await auth.smtp.mailTo(email, 3)
  expect((await thief.auth.verifyOtp({ email, token, type: 'recovery' })).error).toBeNull()
  expect((await thief.auth.updateUser({ password: 'the password of a thief' })).error).toMatchObject({
    status: 401,
    code: 'insufficient_aal',
  })
  const { error } = await thief.auth.mfa.challengeAndVerify({ factorId: id, code: code(1) })
  expect(error).toBeNull()
  expect((await thief.auth.updateUser({ password: 'the password of the owner' })).error).toBeNull()
})
