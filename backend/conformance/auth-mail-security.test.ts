import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { password } from './auth-client'
import { fragment, site, startMailAuth } from './mail-client'

let auth: Awaited<ReturnType<typeof startMailAuth>>

beforeAll(async () => {
  auth = await startMailAuth({ trustedProxies: 1 })
})

afterAll(() => auth.stop())

/** Somebody with a fresh mail to reset their password. */
async function forgetful() {
  const person = await auth.member()
  await auth.client().auth.resetPasswordForEmail(person.email)
  return { ...person, mail: await auth.smtp.mailTo(person.email, 2) }
}

function verifyCode(email: string, token: string, headers: Record<string, string> = {}) {
  return auth.post('/verify', { type: 'recovery', email, token }, headers)
}

const over = { error: 'access_denied', error_code: 'otp_expired' }

describe('C06 links and codes', () => {
  test('work once, whichever of them is used, also when used at the same moment', async () => {
    const { email, mail } = await forgetful()
    const answers = await Promise.all(Array.from({ length: 8 }, () => auth.press(mail.link)))
    expect(answers.filter((url) => fragment(url).access_token)).toHaveLength(1)
    const again = await auth.press(mail.link)
    expect(fragment(again)).toMatchObject(over)
    expect(Object.fromEntries(again.searchParams)).toMatchObject(over)
    expect((await verifyCode(email, mail.code)).status).toBe(403)
  })

  test('survive programs that open them', async () => {
    const { mail } = await forgetful()
    for (const method of ['HEAD', 'GET', 'GET', 'HEAD']) {
      const answer = await auth.open(mail.link, { method })
      expect([answer.status, answer.headers.get('location')]).toEqual([200, null])
    }
    expect(fragment(await auth.press(mail.link))).toHaveProperty('access_token')
  })

  test('are GoTrue’s for a program that has the key, and by a setting for everybody', async () => {
    const { mail } = await forgetful()
    const answer = await auth.open(mail.link, { headers: { apikey: auth.server.publishableKey } })
    expect([answer.status, answer.headers.get('location')]).toEqual([
      303,
      expect.stringContaining('access_token'),
    ])
    const plain = await startMailAuth({ mailConfirmPage: false })
    try {
      const { email } = await plain.member()
      await plain.client().auth.signInWithOtp({ email })
      const { link } = await plain.smtp.mailTo(email, 2)
      expect((await plain.open(link, { method: 'HEAD' })).headers.get('location')).toBeNull()
      expect((await plain.open(link)).headers.get('location')).toContain('access_token')
    } finally {
      await plain.stop()
    }
  })

  test('are worth nothing after a change of password or address, and after their time', async () => {
    const changed = await forgetful()
    await changed.supabase.auth.updateUser({ password: 'meanwhile another' })
    const moved = await forgetful()
    const { auth: secret } = auth.client(auth.server.secretKey)
    await secret.admin.updateUserById(moved.user.id, { email: auth.newEmail('moved') })
    const late = await forgetful()
    await auth.server.database.admin`
      update auth.one_time_tokens set created_at = created_at - interval '1 hour' where user_id = ${late.user.id}`
    const banned = await forgetful()
    await secret.admin.updateUserById(banned.user.id, { ban_duration: '1h' })
    for (const { email, mail } of [changed, moved, late]) {
      expect(fragment(await auth.press(mail.link))).toMatchObject(over)
      expect((await verifyCode(email, mail.code)).status).toBe(403)
    }
    expect(fragment(await auth.press(banned.mail.link))).toMatchObject({ error_code: 'user_banned' })
    const fresh = await forgetful()
    expect((await verifyCode(fresh.email, fresh.mail.code)).status).toBe(200)
  })

  test('of one kind or person are none of another', async () => {
    const [ada, grace] = [await forgetful(), await forgetful()]
    expect((await verifyCode(grace.email, ada.mail.code)).status).toBe(403)
    for (const type of ['signup', 'email_change', 'invite']) {
      const answer = await auth.post('/verify', { type, email: ada.email, token: ada.mail.code })
      expect(answer.status).toBe(403)
    }
    expect((await verifyCode(ada.email, ada.mail.code)).status).toBe(200)
  })

  test('cannot be guessed: the digits have few tries from anywhere, and the link still works', async () => {
    const { email, mail } = await forgetful()
    const wrong = String((Number(mail.code) + 1) % 1_000_000).padStart(6, '0')
    const from = (address: string) => ({ 'x-forwarded-for': address })
    const statuses = []
    for (let i = 0; i < 12; i++)
      statuses.push((await verifyCode(email, wrong, from(`203.0.113.${i}`))).status)
    expect(statuses).toEqual([...Array(10).fill(403), 429, 429])
    expect((await verifyCode(email, mail.code, from('203.0.113.99'))).status).toBe(429)
    expect(fragment(await auth.press(mail.link))).toHaveProperty('access_token')
    const other = await forgetful()
    expect((await verifyCode(other.email, other.mail.code)).status).toBe(200)
  })

  test('lie in the database as nothing that could be sent in', async () => {
    const { user, mail } = await forgetful()
    const [row] = await auth.server.database.admin`
      select u.recovery_token, t.token_hash from auth.users u join auth.one_time_tokens t on t.user_id = u.id
      where u.id = ${user.id}`
    const sent = [mail.code, new URL(mail.link).searchParams.get('token')]
    for (const stored of [row?.recovery_token, row?.token_hash]) {
      expect(sent).not.toContain(stored)
      const answer = await auth.post('/verify', { type: 'recovery', token_hash: stored })
      expect(answer.status).toBe(403)
    }
    expect((await auth.post('/verify', { type: 'recovery', token_hash: sent[1] })).status).toBe(200)
  })

  test('lead to the site, whatever address the request named, and leave in no Referer', async () => {
    const { email } = await auth.member()
    const { port } = new URL(auth.server.url)
    await new Promise((resolve, reject) => {
      const headers = {
        host: 'evil.example',
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'http',
        referer: 'https://evil.example/',
        apikey: auth.server.publishableKey,
      }
      const options = { port, host: '127.0.0.1', method: 'POST', path: '/auth/v1/recover', headers }
      request(options, (answer) => answer.resume().once('end', () => resolve(answer)))
        .on('error', reject)
        .end(JSON.stringify({ email }))
    })
    const { link, html, text } = await auth.smtp.mailTo(email, 2)
    expect(link).toMatch(/^https:\/\/chat\.example\.com\/auth\/v1\/verify\?/)
    expect(html + text).not.toContain('evil')
    const page = await auth.open(link)
    expect(page.headers.get('referrer-policy')).toBe('no-referrer')
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect((await auth.press(link)).origin).toBe(site)
  })
})

describe('C07 who has an account', () => {
  const paths = {
    recover: (email: string) => auth.post('/recover', { email }),
    otp: (email: string) => auth.post('/otp', { email, create_user: false }),
    'otp, new accounts': (email: string) => auth.post('/otp', { email }),
    magiclink: (email: string) => auth.post('/magiclink', { email, create_user: false }),
    'resend of a sign-up': (email: string) => auth.post('/resend', { email, type: 'signup' }),
    'resend of a change': (email: string) => auth.post('/resend', { email, type: 'email_change' }),
    signup: (email: string) => auth.post('/signup', { email, password: 'whatever it is' }),
    login: (email: string) => auth.post('/token?grant_type=password', { email, password: 'whatever it is' }),
    verify: (email: string) => auth.post('/verify', { email, token: '000000', type: 'email' }),
  }

  test.each(Object.entries(paths))('%s answers the same', async (_, ask) => {
    const waiting = auth.newEmail('waiting')
    await auth.client().auth.signUp({ email: waiting, password })
    const { email } = await auth.member()
    const answers = await Promise.all([email, waiting, auth.newEmail('nobody')].map(ask))
    const told = await Promise.all(
      answers.map(async (answer) => {
        const text = await answer.text()
        const uniform = text
          .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID')
          .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
          .replace(/(ada|waiting|nobody)\.\d+@/g, 'who@')
        return [answer.status, [...answer.headers.keys()].sort(), uniform]
      }),
    )
    expect(told[1]).toEqual(told[0])
    expect(told[2]).toEqual(told[0])
  })

  test('a sign-up for a known address changes nothing there', async () => {
    const { email, user } = await auth.member({ name: 'Ada' })
    const { data } = await auth.client().auth.signUp({ email, password: 'of somebody else' })
    expect(data.user?.id).not.toBe(user.id)
    const person = await auth.signIn(email)
    expect(person.user).toMatchObject({ id: user.id, user_metadata: { name: 'Ada' } })
    const rows = await auth.server.database.admin`select from auth.users where id = ${data.user?.id ?? ''}`
    expect(rows).toHaveLength(0)
  })

  test('the wait between two mails is the same', async () => {
    const slow = await startMailAuth({ mailIntervalSeconds: 60 })
    try {
      const { email } = await slow.member()
      for (const who of [email, slow.newEmail('nobody')]) {
        expect((await slow.post('/recover', { email: who })).status).toBe(200)
        const second = await slow.post('/recover', { email: who })
        expect([second.status, await second.json()]).toMatchObject([
          429,
          { error_code: 'over_email_send_rate_limit', msg: expect.stringMatching(/after (60|59) seconds/) },
        ])
      }
    } finally {
      await slow.stop()
    }
  })
})

test('many who choose one new address send no more mails to it than one of them', async () => {
  const slow = await startMailAuth({ mailIntervalSeconds: 60, anonymousUsers: true })
  try {
    const victim = slow.newEmail('victim')
    const [ada, grace, nobody] = [await slow.member(), await slow.member(), slow.client()]
    await nobody.auth.signInAnonymously()
    expect((await ada.supabase.auth.updateUser({ email: victim })).error).toBeNull()
    for (const { auth: other } of [grace.supabase, nobody]) {
      const { error } = await other.updateUser({ email: victim })
      expect(error).toMatchObject({ status: 429, code: 'over_email_send_rate_limit' })
    }
    const linus = await slow.member()
    const own = slow.newEmail('linus')
    expect((await linus.supabase.auth.updateUser({ email: own })).error).toBeNull()
    await slow.smtp.mailTo(own)
    expect(slow.smtp.mails.filter(({ to }) => to === victim)).toHaveLength(1)
  } finally {
    await slow.stop()
  }
})

describe('a stranger who came first', () => {
  test('does not keep a password for an address that its owner confirms', async () => {
    for (const way of ['sign-up', 'otp', 'recover'] as const) {
      const email = auth.newEmail('victim')
      await auth.client().auth.signUp({ email, password: 'of the stranger' })
      await auth.smtp.mailTo(email)
      const owner = auth.client()
      if (way === 'sign-up') await owner.auth.signUp({ email, password })
      if (way === 'otp') await owner.auth.signInWithOtp({ email })
      if (way === 'recover') await owner.auth.resetPasswordForEmail(email)
      const { code } = await auth.smtp.mailTo(email, 2)
      const type = way === 'recover' ? 'recovery' : 'email'
      expect((await owner.auth.verifyOtp({ email, token: code, type })).error).toBeNull()
      const stranger = await auth.client().auth.signInWithPassword({ email, password: 'of the stranger' })
      expect(stranger.error).toMatchObject({ code: 'invalid_credentials' })
      expect((await owner.auth.updateUser({ password: 'of the owner' })).error).toBeNull()
      await auth.signIn(email, 'of the owner')
    }
  })

  test('and who comes twice with the same password keeps it', async () => {
    const email = auth.newEmail()
    for (const count of [1, 2]) {
      await auth.client().auth.signUp({ email, password })
      await auth.smtp.mailTo(email, count)
    }
    const { code } = await auth.smtp.mailTo(email, 2)
    await auth.client().auth.verifyOtp({ email, token: code, type: 'email' })
    await auth.signIn(email)
  })
})
