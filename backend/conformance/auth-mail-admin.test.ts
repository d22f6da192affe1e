import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { password, payload } from './auth-client'
import { fragment, site, startMailAuth } from './mail-client'

let auth: Awaited<ReturnType<typeof startMailAuth>>

beforeAll(async () => {
  auth = await startMailAuth({ anonymousUsers: true, reauthenticateForPassword: true })
})

afterAll(() => auth.stop())

const admin = () => auth.client(auth.server.secretKey).auth.admin

async function audit(actor: string): Promise<string[]> {
  const rows = await auth.server.database.admin<{ action: string }[]>`
    select payload ->> 'action' as action from auth.audit_log_entries
    where payload ->> 'actor_username' = ${actor} or payload -> 'traits' ->> 'user_email' = ${actor}
    order by created_at`
  return rows.map(({ action }) => action)
}

describe('an invitation', () => {
  test('leads into an account that has no password yet', async () => {
    const email = auth.newEmail()
    const options = { data: { name: 'Ada' }, redirectTo: `${site}/welcome` }
    const { data, error } = await admin().inviteUserByEmail(email, options)
    expect(error).toBeNull()
    expect(data.user).toMatchObject({ email, invited_at: expect.any(String), user_metadata: { name: 'Ada' } })
    const { subject, link } = await auth.smtp.mailTo(email)
    expect(subject).toBe('You are invited to Test Chat')
    const { access_token = '', refresh_token = '', type } = fragment(await auth.press(link))
    expect(type).toBe('invite')
    const supabase = auth.client()
    await supabase.auth.setSession({ access_token, refresh_token })
    expect((await supabase.auth.updateUser({ password })).error).toBeNull()
    await auth.signIn(email)
    expect(await audit(email)).toEqual(expect.arrayContaining(['user_invited', 'invite_accepted', 'login']))
  })

  test('of a member is refused, and of somebody who waits is sent again without their password', async () => {
    const { email } = await auth.member()
    expect((await admin().inviteUserByEmail(email)).error).toMatchObject({
      status: 422,
      code: 'email_exists',
    })
    const waiting = auth.newEmail()
    await auth.client().auth.signUp({ email: waiting, password })
    expect((await admin().inviteUserByEmail(waiting)).error).toBeNull()
    const { code } = await auth.smtp.mailTo(waiting, 2)
    const { error } = await auth.client().auth.verifyOtp({ email: waiting, token: code, type: 'invite' })
    expect(error).toBeNull()
    const signIn = await auth.client().auth.signInWithPassword({ email: waiting, password })
    expect(signIn.error).toMatchObject({ code: 'invalid_credentials' })
  })

  test('needs the secret key, as links do', async () => {
    const { session } = await auth.member()
    for (const path of ['/invite', '/admin/generate_link']) {
      const headers = { authorization: `Bearer ${session.access_token}` }
      const answer = await auth.post(path, { email: auth.newEmail(), type: 'recovery' }, headers)
      expect([answer.status, await answer.json()]).toMatchObject([403, { error_code: 'not_admin' }])
    }
  })
})

describe('a link for the administrator to pass on', () => {
  test.each(['signup', 'invite', 'magiclink', 'recovery'] as const)('%s', async (type) => {
    const email = type === 'recovery' || type === 'magiclink' ? (await auth.member()).email : auth.newEmail()
    for (const way of ['link', 'hash', 'code'] as const) {
      const address = way === 'link' || type === 'recovery' || type === 'magiclink' ? email : auth.newEmail()
      const { data, error } = await admin().generateLink({
        ...{ type: type as 'signup', email: address, password: 'of the administrator' },
        options: { redirectTo: `${site}/in` },
      })
      expect(error).toBeNull()
      const { action_link, hashed_token, email_otp, ...properties } = data.properties ?? ({} as never)
      expect(data.user?.email).toBe(address)
      expect(properties).toEqual({ redirect_to: `${site}/in`, verification_type: type })
      expect(new URL(action_link).searchParams.get('token')).toBe(hashed_token)
      if (way === 'link') expect(fragment(await auth.press(action_link))).toMatchObject({ type })
      else {
        const proof = way === 'hash' ? { token_hash: hashed_token } : { email: address, token: email_otp }
        const verified = await auth.client().auth.verifyOtp({ ...proof, type } as never)
        expect([verified.error, verified.data.user?.email]).toEqual([null, address])
      }
    }
    // No mail is sent: the administrator has the link.
    expect(auth.smtp.mails.filter(({ to }) => to === email).length).toBeLessThan(2)
  })

  test('for a sign-up that waits already leaves nobody the password it was begun with', async () => {
    for (const given of ['of the administrator', undefined]) {
      const email = auth.newEmail('awaited')
      await auth.client().auth.signUp({ email, password: 'of a stranger' })
      const { data } = await admin().generateLink({
        ...{ type: 'signup', email, ...(given ? { password: given } : {}) },
      } as never)
      expect(fragment(await auth.press(data.properties?.action_link ?? ''))).toHaveProperty('access_token')
      const signIn = (password: string) => auth.client().auth.signInWithPassword({ email, password })
      expect((await signIn('of a stranger')).error).toMatchObject({ code: 'invalid_credentials' })
      if (given) expect((await signIn(given)).error).toBeNull()
    }
  })

  test('for a change of address needs both ends', async () => {
    const { email, user } = await auth.member()
    const newEmail = auth.newEmail('lovelace')
    const links = []
    for (const type of ['email_change_current', 'email_change_new'] as const) {
      const { data, error } = await admin().generateLink({ type, email, newEmail })
      expect(error).toBeNull()
      links.push(data.properties?.action_link ?? '')
    }
    expect(fragment(await auth.press(links[0] ?? ''))).toHaveProperty('message')
    expect(fragment(await auth.press(links[1] ?? ''))).toHaveProperty('access_token')
    expect((await admin().getUserById(user.id)).data.user?.email).toBe(newEmail)
  })

  test('for nobody, for a member or of an unknown kind is refused', async () => {
    const { email } = await auth.member()
    const link = (type: string, to: string) => admin().generateLink({ type, email: to } as never)
    expect((await link('recovery', auth.newEmail())).error).toMatchObject({
      status: 404,
      code: 'user_not_found',
    })
    expect((await link('signup', email)).error).toMatchObject({ status: 422, code: 'email_exists' })
    expect((await link('invite', email)).error).toMatchObject({ status: 422, code: 'email_exists' })
    expect((await link('other', email)).error).toMatchObject({ status: 400, code: 'validation_failed' })
  })
})

describe('a code before the password changes', () => {
  test('is asked for when the sign-in is older than a day, and works once', async () => {
    const { supabase, email, session } = await auth.member()
    // Young enough: no code.
    expect((await supabase.auth.updateUser({ password: 'first new one' })).error).toBeNull()
    await auth.server.database.admin`
      update auth.sessions set created_at = now() - interval '25 hours'
      where id = ${String(payload(session.access_token).session_id)}`
    const next = 'second new one'
    expect((await supabase.auth.updateUser({ password: next })).error).toMatchObject({
      status: 400,
      code: 'reauthentication_needed',
    })
    const mails = auth.smtp.mails.filter(({ to }) => to === email).length
    expect((await supabase.auth.reauthenticate()).error).toBeNull()
    const { code } = await auth.smtp.mailTo(email, mails + 1)
    const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, '0')
    expect((await supabase.auth.updateUser({ password: next, nonce: wrong })).error).toMatchObject({
      status: 422,
      code: 'reauthentication_not_valid',
    })
    expect((await supabase.auth.updateUser({ password: next, nonce: code })).error).toBeNull()
    expect((await supabase.auth.updateUser({ password: 'third', nonce: code })).error).not.toBeNull()
    expect(await audit(email)).toContain('user_reauthenticate_requested')
  })
})

describe('somebody without a name', () => {
  test('signs in, and keeps everything when they say who they are', async () => {
    const supabase = auth.client()
    const { data, error } = await supabase.auth.signInAnonymously({ options: { data: { color: 'red' } } })
    expect(error).toBeNull()
    expect(data.user).toMatchObject({
      is_anonymous: true,
      email: '',
      identities: [],
      user_metadata: { color: 'red' },
    })
    expect(payload(data.session?.access_token ?? '')).toMatchObject({
      is_anonymous: true,
      amr: [{ method: 'anonymous' }],
    })
    expect((await supabase.auth.updateUser({ password })).error).toMatchObject({ code: 'validation_failed' })
    const email = auth.newEmail()
    expect((await supabase.auth.updateUser({ email })).data.user).toMatchObject({ is_anonymous: true })
    const { code } = await auth.smtp.mailTo(email)
    const named = await supabase.auth.verifyOtp({ email, token: code, type: 'email_change' })
    expect(named.data.user).toMatchObject({
      id: data.user?.id,
      email,
      is_anonymous: false,
      app_metadata: { provider: 'email', providers: ['email'] },
      identities: [{ provider: 'email', email }],
    })
    expect((await supabase.auth.updateUser({ password })).error).toBeNull()
    await auth.signIn(email)
  })

  test('is refused where the settings do not allow it', async () => {
    const closed = await startMailAuth()
    try {
      expect((await closed.client().auth.signInAnonymously()).error).toMatchObject({
        status: 422,
        code: 'anonymous_provider_disabled',
      })
    } finally {
      await closed.stop()
    }
  })
})

describe('an account that is deleted softly', () => {
  test('says nothing about the person any more, and its address is free', async () => {
    const { supabase, email, user } = await auth.member({ name: 'Ada' })
    expect((await admin().deleteUser(user.id, true)).error).toBeNull()
    expect((await supabase.auth.refreshSession()).error).not.toBeNull()
    expect((await supabase.auth.signInWithPassword({ email, password })).error).toMatchObject({
      code: 'invalid_credentials',
    })
    const [row] = await auth.server.database.admin`
      select u.*, i.provider_id, i.identity_data from auth.users u join auth.identities i on i.user_id = u.id
      where u.id = ${user.id}`
    expect(row?.deleted_at).toBeInstanceOf(Date)
    expect(JSON.stringify(row)).not.toMatch(new RegExp(`Ada|${email}`))
    await auth.client().auth.signUp({ email, password })
    const { code } = await auth.smtp.mailTo(email, 2)
    const again = await auth.client().auth.verifyOtp({ email, token: code, type: 'signup' })
    expect(again.data.user?.id).not.toBe(user.id)
    expect((await admin().deleteUser(user.id)).error).toBeNull()
    expect(await auth.server.database.admin`select from auth.users where id = ${user.id}`).toHaveLength(0)
  })
})

test('settings say that addresses are confirmed by mail', async () => {
  expect(await (await auth.ask('/settings')).json()).toMatchObject({
    mailer_autoconfirm: false,
    external: { anonymous_users: true },
  })
})

test('without a mail server what needs one is refused, and links are made all the same', async () => {
  const dry = await startMailAuth({ smtp: undefined as never })
  try {
    const { email, supabase } = await dry.signUp()
    for (const answer of [
      await supabase.auth.resetPasswordForEmail(email),
      await supabase.auth.signInWithOtp({ email }),
      await supabase.auth.resend({ type: 'signup', email }),
      await supabase.auth.reauthenticate(),
      await dry.client(dry.server.secretKey).auth.admin.inviteUserByEmail(dry.newEmail()),
    ]) {
      expect(answer.error).toMatchObject({ status: 422, code: 'email_provider_disabled' })
    }
    const { auth: secret } = dry.client(dry.server.secretKey)
    const { data } = await secret.admin.generateLink({ type: 'recovery', email })
    expect(fragment(await dry.press(data.properties?.action_link ?? ''))).toMatchObject({ type: 'recovery' })
  } finally {
    await dry.stop()
  }
})
