import { createHash, randomUUID, timingSafeEqual } from 'node:crypto'
import { ApiError } from '../errors'
import { validationFailed } from './auth-error'
import type { AuthMethod } from './sessions'
import type { Sql } from './user-row'

/** PKCE: the client keeps a verifier, sends its challenge first, and shows the verifier when it fetches the session. */
export type Challenge = { method: 's256' | 'plain'; value: string }

/** A sign-in that leads through a mail or another site and ends with a code for whoever began it. */
export type NewFlow = {
  challenge: Challenge | null
  /** `email`, or the name of the provider. */
  provider: string
  method: AuthMethod
  userId?: string
  /** Where it is to end: an address that the rules allow. */
  referrer?: string
  /** The account that a new identity is to be linked to. */
  linkingTargetId?: string
  /** What is remembered of the way to the provider. */
  clientStateId?: string
}

/** A code that was exchanged: for whom, and what the provider gave. */
export type ExchangedFlow = {
  user_id: string
  provider_type: string
  authentication_method: AuthMethod
  provider_access_token: string | null
  provider_refresh_token: string | null
}

/** A code is fetched at once by the page that it was sent to. */
const CODE_SECONDS = 300
/** RFC 7636, 4.1. */
const CHALLENGE = /^[A-Za-z0-9\-._~]{43,128}$/

/** The challenge of a request; null when it asks for none. */
export function parseChallenge(body: {
  code_challenge?: string | null | undefined
  code_challenge_method?: string | null | undefined
}): Challenge | null {
  const { code_challenge: value, code_challenge_method: named } = body
  if (!value && !named) return null
  if (!value || !named) {
    throw validationFailed('PKCE flow requires code_challenge_method and code_challenge')
  }
  const method = named.toLowerCase()
  if (method !== 's256' && method !== 'plain') {
    throw validationFailed('code_challenge_method must be s256 or plain')
  }
  if (!CHALLENGE.test(value)) {
    throw validationFailed('code challenge has to be between 43 and 128 characters of A-Z a-z 0-9 - . _ ~')
  }
  return { method, value }
}

/** Remembers how a sign-in began; returns the id of the flow. */
export async function createFlowState(sql: Sql, flow: NewFlow): Promise<string> {
  const id = randomUUID()
  const { challenge } = flow
  await sql`
    insert into auth.flow_state (
      id, user_id, auth_code, code_challenge_method, code_challenge, provider_type, created_at, updated_at,
      authentication_method, referrer, linking_target_id, oauth_client_state_id
    ) values (
      ${id}, ${flow.userId ?? null}, ${randomUUID()},
      ${challenge?.method ?? null}::auth.code_challenge_method, ${challenge?.value ?? null},
      ${flow.provider}, now(), now(), ${flow.method}, ${flow.referrer ?? null}, ${flow.linkingTargetId ?? null},
      ${flow.clientStateId ?? null}
    )`
  return id
}

/** The code of a flow that has led to an account; it can be exchanged from now on. */
export async function issueAuthCode(
  sql: Sql,
  flowId: string,
  proved: { userId: string; accessToken?: string | null; refreshToken?: string | null },
): Promise<string> {
  const [row] = await sql<{ auth_code: string }[]>`
    update auth.flow_state set user_id = ${proved.userId}, auth_code_issued_at = now(), updated_at = now(),
      provider_access_token = ${proved.accessToken ?? null}, provider_refresh_token = ${proved.refreshToken ?? null}
    where id = ${flowId} and auth_code_issued_at is null
    returning auth_code`
  if (!row) throw flowNotFound()
  return row.auth_code
}

/** Uses a code up, inside a transaction: the next one who comes with it finds nothing. */
export async function exchangeAuthCode(sql: Sql, code: string, verifier: string): Promise<ExchangedFlow> {
  const [flow] = await sql<
    (ExchangedFlow & {
      id: string
      code_challenge: string | null
      code_challenge_method: string | null
      is_over: boolean
    })[]
  >`
    select id, user_id, provider_type, authentication_method, provider_access_token, provider_refresh_token,
      code_challenge, code_challenge_method,
      auth_code_issued_at < now() - make_interval(secs => ${CODE_SECONDS}) as is_over
    from auth.flow_state where auth_code = ${code} and auth_code_issued_at is not null for update`
  if (!flow?.user_id || !flow.code_challenge) throw flowNotFound()
  if (flow.is_over) {
    throw new ApiError(403, 'flow_state_expired', 'invalid flow state, flow state has expired')
  }
  const shown =
    flow.code_challenge_method === 's256'
      ? createHash('sha256').update(verifier).digest('base64url')
      : verifier
  if (!isEqual(shown, flow.code_challenge)) {
    throw new ApiError(
      400,
      'bad_code_verifier',
      'code challenge does not match previously saved code verifier',
    )
  }
  await sql`delete from auth.flow_state where id = ${flow.id}`
  return flow
}

function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

function flowNotFound(): ApiError {
  return new ApiError(404, 'flow_state_not_found', 'invalid flow state, no valid flow state found')
}
