import { Hono } from 'hono'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLogger } from '../../log'
import { startTestDatabase, type TestDatabase } from '../../testing/server'
import type { Auth, AuthEnv } from '../auth'
import { createLater } from '../later'
import { createLimits } from '../limits'
import { createPasswords } from '../passwords'
import { signInWithPassword } from '../sign-in'
import { signUp } from '../sign-up'
import { insertUser } from '../users'
import { createCodes } from './codes'
import { mailRoutes } from './routes'

// Timed tests fail on a busy machine. What takes time is counted instead: hashes and statements before the answer.
let database: TestDatabase
let auth: Auth
let app: Hono<AuthEnv>
let work: string[] = []
let people = 0

const client = { address: '127.0.0.1', ip: '127.0.0.1', userAgent: 'test' }
const many = 1_000_000

beforeAll(async () => {
  database = await startTestDatabase({ migrationsDir: null })
  const counted = database.connect('supabase_auth_admin', {
    max: 1,
    fetch_types: false,
    debug: (_connection, query) => void work.push(query.trim().split(/\s+/).slice(0, 4).join(' ')),
  })
  const passwords = createPasswords()
  const log = createLogger('silent')
  const settings = {
    ...{ rateLimitSignUps: many, rateLimitSignIns: many, rateLimitRefreshes: many, rateLimitOtps: many },
    ...{ rateLimitVerifies: many, rateLimitAnonymous: many, rateLimitMails: many, mailIntervalSeconds: 0 },
    ...{ disableSignup: false, jwtExpirySeconds: 60, trustedProxies: 0, passwordMinLength: 8 },
    ...{ emailAutoconfirm: false, anonymousUsers: false, otpExpirySeconds: 60, secureEmailChange: true },
    ...{ siteUrl: 'https://chat.example.com', redirectUrls: [] },
  }
  auth = {
    sql: counted,
    passwords: {
      hash: (password: string) => {
        work.push('hash')
        return passwords.hash(password)
      },
      verify: (password: string, encrypted: string | null | undefined) => {
        work.push('hash')
        return passwords.verify(password, encrypted)
      },
    },
    limits: createLimits(settings),
    settings,
    mailer: { send: () => {}, settled: async () => {}, stop: async () => {} },
    codes: createCodes({ secretKey: 'sb_secret_test' }),
    later: createLater(log),
    log,
  } as unknown as Auth
  app = new Hono<AuthEnv>()
  app.post('/signup', signUp(auth))
  app.post('/token', signInWithPassword(auth))
  mailRoutes(app, auth)
  app.onError((error) => new Response(error.message, { status: 400 }))
})

afterAll(async () => {
  await auth.sql.end()
  await database.stop()
})

async function newPerson(confirmed: boolean): Promise<string> {
  people += 1
  const email = `ada.${people}@example.com`
  const encryptedPassword = await auth.passwords.hash('the right password')
  const user = {
    email,
    encryptedPassword,
    confirmed,
    role: 'authenticated',
    userMetadata: {},
    appMetadata: {},
  }
  await insertUser(database.auth, user, { client })
  return email
}

/** What is done until the answer is there, without what follows it. */
async function workFor(path: string, body: Record<string, unknown>): Promise<string[]> {
  await auth.later.settled()
  work = []
  const { run } = auth.later
  auth.later.run = () => {}
  const answer = await app.request(path, { method: 'POST', body: JSON.stringify(body) })
  await answer.text()
  auth.later.run = run
  return work
}

test.each([
  ['/recover', {}],
  ['/otp', {}],
  ['/otp', { create_user: false }],
  ['/magiclink', {}],
  ['/resend', { type: 'signup' }],
  ['/resend', { type: 'email_change' }],
  ['/token', { password: 'a wrong password' }],
])('%s %o is the same work for known and unknown addresses', async (path, body) => {
  const [known, waiting] = [await newPerson(true), await newPerson(false)]
  // The first time types are asked for and statements prepared.
  await workFor(path, { ...body, email: known })
  const nobody = await workFor(path, { ...body, email: 'nobody@example.com' })
  expect(nobody.length).toBeGreaterThan(0)
  expect(await workFor(path, { ...body, email: known })).toEqual(nobody)
  expect(await workFor(path, { ...body, email: waiting })).toEqual(nobody)
})

test('a sign-up is: one hash, one account with its code, taken back where there is one', async () => {
  const body = { password: 'the password given' }
  const [known, waiting] = [await newPerson(true), await newPerson(false)]
  await workFor('/signup', { ...body, email: 'first@example.com' })
  const fresh = await workFor('/signup', { ...body, email: 'second@example.com' })
  expect(fresh).toContain('hash')
  const added = ['savepoint "s0"', 'rollback to "s0"', 'insert into auth.audit_log_entries (instance_id,']
  for (const email of [known, waiting]) {
    const repeated = await workFor('/signup', { ...body, email })
    expect(repeated.filter((each) => !added.includes(each))).toEqual(fresh)
    expect(repeated.length - fresh.length).toBeLessThanOrEqual(added.length)
  }
})
