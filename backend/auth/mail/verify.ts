import { z } from 'zod'
import { ApiError } from '../../errors'
import type { Auth, AuthContext } from '../auth'
import { validationFailed } from '../auth-error'
import { parseEmail } from '../email'
import { issueAuthCode } from '../flow-state'
import { redirectTarget } from '../redirect'
import {
  redirectWithCode,
  redirectWithError,
  redirectWithMessage,
  redirectWithSession,
} from '../redirect-answer'
import { clientOf, readBody } from '../request'
import { type OpenSession, openSession } from '../sessions'
import { requestedTarget, siteOf } from '../site'
import { tokenResponse } from '../token-response'
import type { Sql } from '../user-row'
import { isPkceToken } from './codes'
import { confirmPage } from './confirm-page'
import { isLinkUsable, type Proved, takeCode, takeLink } from './one-time-tokens'
import { ACCEPTED, HALF_CONFIRMED, type Outcome, prove } from './prove'
import { sendNotice } from './send'

const schema = z.object({
  type: z.string().nullish(),
  token: z.string().nullish(),
  token_hash: z.string().nullish(),
  email: z.string().nullish(),
  phone: z.string().nullish(),
})

type Link = { token: string; type: string; target: string }

/** `GET /verify`: the link of a mail in a browser, or in a program that looks where links lead. */
export function openLink(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    if (c.req.method === 'HEAD') return c.body(null, 200)
    const { token, type = '' } = c.req.query()
    const client = clientOf(c, auth.settings.trustedProxies)
    auth.limits.verify(client)
    if (!type) throw validationFailed('Verify requires a verification type')
    if (!token) throw validationFailed('Verify requires a token or a token hash')
    const link = { token, type, target: requestedTarget(auth, c) }
    // A program that has the key of this installation is no scanner.
    const isProgram = Boolean(c.req.header('apikey') ?? c.req.query('apikey'))
    if (!auth.settings.mailConfirmPage || isProgram) return followLink(auth, c, link)
    if (!(await isLinkUsable(auth, auth.sql, token, accepted(type)))) {
      return redirectWithError(link.target, linkOver())
    }
    return confirmPage(link, siteOf(auth, c).siteUrl, c.req.header('accept-language'))
  }
}

/** `POST /verify`: a code or a token from a program, or the button of the page that a link opens. */
export function verify(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    const client = clientOf(c, auth.settings.trustedProxies)
    if (c.req.header('content-type')?.startsWith('application/x-www-form-urlencoded')) {
      auth.limits.verify(client)
      const form = new URLSearchParams(await c.req.text())
      const target = redirectTarget(siteOf(auth, c), form.get('redirect_to'))
      return followLink(auth, c, { token: form.get('token') ?? '', type: form.get('type') ?? '', target })
    }
    const { type, token, token_hash: hash, email, phone } = await readBody(c, schema)
    auth.limits.verify(client)
    if (!type) throw validationFailed('Verify requires a verification type')
    if (!token === !hash) throw validationFailed('Verify requires either a token or a token hash')
    if (hash && (email || phone)) throw validationFailed('Only the token_hash and type should be provided')
    if (token && !email === !phone) {
      throw validationFailed('Only an email address or phone number should be provided on verify')
    }
    if (phone) throw new ApiError(400, 'phone_provider_disabled', 'Unsupported phone provider')
    const types = accepted(type)
    const find = hash
      ? (sql: Sql) => takeLink(auth, sql, hash, types)
      : codeFinder(auth, c, parseEmail(email ?? ''), token ?? '', types)
    const expired = hash ? linkOver() : new ApiError(403, 'otp_expired', 'Token has expired or is invalid')
    const { outcome, session } = await carryOut(auth, c, find, expired, true)
    if (outcome.half) return c.json({ msg: HALF_CONFIRMED, code: '200' })
    if (!session) throw expired
    return c.json(await tokenResponse(auth.tokens, session, auth.settings.jwtExpirySeconds))
  }
}

function codeFinder(auth: Auth, c: AuthContext, address: string, code: string, types: Proved['type'][]) {
  const wasRight = auth.limits.code(clientOf(c, auth.settings.trustedProxies), address)
  const digits = code.replace(/-/g, '')
  return async (sql: Sql) => {
    const proved = await takeCode(auth, sql, address, digits, types)
    if (proved) wasRight()
    return proved
  }
}

async function followLink(auth: Auth, c: AuthContext, { token, type, target }: Link): Promise<Response> {
  try {
    const pkce = isPkceToken(token)
    const find = (sql: Sql) => takeLink(auth, sql, token, accepted(type))
    const { outcome, session, code } = await carryOut(auth, c, find, linkOver(), !pkce)
    if (outcome.half) return redirectWithMessage(target, HALF_CONFIRMED)
    if (code) return redirectWithCode(target, code)
    if (!session) throw linkOver()
    const answer = await tokenResponse(auth.tokens, session, auth.settings.jwtExpirySeconds)
    return redirectWithSession(target, answer, { type })
  } catch (error) {
    if (error instanceof ApiError) return redirectWithError(target, error)
    throw error
  }
}

/** One transaction: the code is used up, what it stands for is done, and the person has a session or its code. */
async function carryOut(
  auth: Auth,
  c: AuthContext,
  find: (sql: Sql) => Promise<Proved | undefined>,
  expired: ApiError,
  signIn: boolean,
): Promise<{ outcome: Outcome; session?: OpenSession | undefined; code?: string }> {
  const client = clientOf(c, auth.settings.trustedProxies)
  const result = await auth.sql.begin(async (sql) => {
    const proved = await find(sql)
    if (!proved) throw expired
    const outcome = await prove(auth, sql, proved, client)
    if (outcome.half) return { outcome }
    const { user } = outcome
    if (signIn) return { outcome, session: await openSession(sql, user, { client, method: 'otp' }) }
    return { outcome, code: await codeOfFlow(sql, user.id, proved) }
  })
  const { user, changedFrom } = result.outcome
  if (changedFrom) sendNotice(auth, user, 'email_changed', { oldEmail: changedFrom }, changedFrom)
  return result
}

const FLOW_METHODS: Record<Proved['type'], string[]> = {
  confirmation_token: ['email/signup', 'invite', 'magiclink'],
  recovery_token: ['recovery', 'magiclink'],
  email_change_token_new: ['email_change'],
  email_change_token_current: ['email_change'],
  reauthentication_token: ['otp'],
}

/** The code of the newest sign-in that this account has begun in this way: its client holds the verifier. */
async function codeOfFlow(sql: Sql, userId: string, { type }: Proved): Promise<string> {
  const [flow] = await sql<{ id: string }[]>`
    select id from auth.flow_state
    where user_id = ${userId} and authentication_method in ${sql(FLOW_METHODS[type])} and auth_code_issued_at is null
    order by created_at desc limit 1`
  if (!flow) throw new ApiError(404, 'flow_state_not_found', 'No valid flow state found for user.')
  return issueAuthCode(sql, flow.id, { userId })
}

function accepted(type: string) {
  const types = Object.hasOwn(ACCEPTED, type) ? ACCEPTED[type] : undefined
  if (!types) throw validationFailed('Invalid email verification type')
  return types
}

function linkOver(): ApiError {
  return new ApiError(403, 'otp_expired', 'Email link is invalid or has expired')
}
