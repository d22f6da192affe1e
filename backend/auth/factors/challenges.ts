import { randomUUID } from 'node:crypto'
import { ApiError } from '../../errors'
import { auditEntry } from '../audit'
import { tooManyRequests } from '../auth-error'
import { isUuid } from '../authenticate'
import type { Client } from '../request'
import type { AuthMethod } from '../sessions'
import type { FactorRow, Sql, UserRow } from '../user-row'
import type { StoredCredential } from './stored-credential'

/** How long a challenge can be answered. */
const CHALLENGE_SECONDS = 300
/** Wrong codes that one challenge stands. */
const MAX_WRONG = 5
/**
 * Wrong codes that a person stands within an hour, in whichever sessions and from wherever: three codes in a million
 * are right at a time. Only somebody who is signed in as them can use these up, so that no stranger locks them out.
 */
const MAX_WRONG_PER_HOUR = 10

/** A factor with what proves it, locked. */
export type LockedFactor = Pick<FactorRow, 'id' | 'status' | 'factor_type'> & {
  secret: string | null
  web_authn_credential: StoredCredential | null
}

/**
 * What a challenge remembers: how often it was answered wrongly, with the code of which step rightly, and what a
 * security key is to sign.
 */
export type ChallengeData = { wrong?: number; totp_step?: number; challenge?: string; rpId?: string }

/** A challenge that may be answered. */
export type Challenge = { id: string; data: ChallengeData }

/** How an answer was right: what the session and the challenge remember of it. */
export type Proved = { method: AuthMethod; result: ChallengeData }

/** Looks at the answer to a challenge, inside the transaction that holds the factor; null when it is wrong. */
export type Check = (sql: Sql, factor: LockedFactor, challenge: Challenge) => Promise<Proved | null>

type ChallengeRow = Challenge & { is_used: boolean; is_elsewhere: boolean; is_over: boolean }

/** The person's factor with this id. Throws when there is none: other people's factors do not exist. */
export function ownFactor<T extends Pick<FactorRow, 'id'>>(factors: T[], id: string | undefined): T {
  if (!isUuid(id)) throw new ApiError(404, 'validation_failed', 'factor_id must be an UUID')
  const factor = factors.find((each) => each.id === id?.toLowerCase())
  if (!factor) throw new ApiError(404, 'mfa_factor_not_found', 'Factor not found')
  return factor
}

/** All factors of a person, locked: their answers are looked at one after the other. */
export function lockFactors(sql: Sql, userId: string): Promise<LockedFactor[]> {
  return sql<LockedFactor[]>`
    select id, status, factor_type, secret, web_authn_credential from auth.mfa_factors
    where user_id = ${userId} order by id for update`
}

/** A new challenge. */
export async function createChallenge(
  sql: Sql,
  by: { user: UserRow; factor: FactorRow; client: Client },
  data: ChallengeData | null,
): Promise<{ id: string; expires_at: number }> {
  const { user, factor, client } = by
  const id = randomUUID()
  // A day is longer than any count looks back.
  await sql`
    delete from auth.mfa_challenges where factor_id = ${factor.id} and created_at < now() - interval '1 day'`
  const [created] = await sql<{ expires_at: number }[]>`
    with challenged as (
      update auth.mfa_factors set last_challenged_at = clock_timestamp() where id = ${factor.id} returning id
    )
    insert into auth.mfa_challenges (id, factor_id, created_at, ip_address, web_authn_session_data)
    select ${id}::uuid, id, now(), ${addressOf(client)}::inet, ${data && JSON.stringify(data)}::text::jsonb
    from challenged
    returning extract(epoch from created_at)::int + ${CHALLENGE_SECONDS}::int as expires_at`
  if (!created) throw new ApiError(404, 'mfa_factor_not_found', 'Factor not found')
  const traits = { factor_id: factor.id, factor_status: factor.status }
  await auditEntry(sql, { action: 'challenge_created', actor: user, client, traits })
  return { id, expires_at: created.expires_at }
}

/** The challenge if it may be answered now from here, else the refusal. Read while the factors are locked. */
export async function findChallenge(
  sql: Sql,
  factorId: string,
  challengeId: string,
  client: Client,
): Promise<Challenge | ApiError> {
  const [challenge] = await sql<ChallengeRow[]>`
    select id, coalesce(web_authn_session_data, '{}') as data, verified_at is not null as is_used,
      ip_address <> ${addressOf(client)}::inet as is_elsewhere,
      created_at < now() - make_interval(secs => ${CHALLENGE_SECONDS}) as is_over
    from auth.mfa_challenges where id = ${challengeId} and factor_id = ${factorId}`
  if (!challenge) {
    return new ApiError(422, 'mfa_factor_not_found', 'MFA factor with the provided challenge ID not found')
  }
  if (challenge.is_used || challenge.is_elsewhere) {
    return new ApiError(422, 'mfa_ip_address_mismatch', 'Challenge and verify IP addresses mismatch.')
  }
  if (challenge.is_over || (challenge.data.wrong ?? 0) >= MAX_WRONG) {
    const message = `MFA challenge ${challenge.id} has expired, verify against another challenge or create a new challenge.`
    return new ApiError(422, 'mfa_challenge_expired', message)
  }
  return challenge
}

/** The refusal of a person who was wrong too often lately. */
export async function findTooManyTries(sql: Sql, userId: string): Promise<ApiError | undefined> {
  const [tries] = await sql<{ wrong: number; seconds: number }[]>`
    select coalesce(sum((c.web_authn_session_data ->> 'wrong')::int), 0)::int as wrong,
      ceil(extract(epoch from min(c.created_at) + interval '1 hour' - now()))::int as seconds
    from auth.mfa_challenges c join auth.mfa_factors f on f.id = c.factor_id
    where f.user_id = ${userId} and c.created_at > now() - interval '1 hour'
      and c.web_authn_session_data ? 'wrong'`
  return tries && tries.wrong >= MAX_WRONG_PER_HOUR ? tooManyRequests(tries.seconds) : undefined
}

/** Counts a wrong answer. */
export async function countWrong(sql: Sql, { id, data }: Challenge): Promise<void> {
  const counted = { ...data, wrong: (data.wrong ?? 0) + 1 }
  await sql`
    update auth.mfa_challenges set web_authn_session_data = ${JSON.stringify(counted)}::text::jsonb where id = ${id}`
}

/** Uses a challenge up. */
export async function completeChallenge(
  sql: Sql,
  { id, data }: Challenge,
  result: ChallengeData,
): Promise<void> {
  await sql`
    update auth.mfa_challenges set verified_at = now(),
      web_authn_session_data = ${JSON.stringify({ ...data, ...result })}::text::jsonb
    where id = ${id}`
}

/** The last step of time whose code this factor was shown. */
export async function lastStep(sql: Sql, factorId: string): Promise<number> {
  const [last] = await sql<{ step: number }[]>`
    select coalesce(max((web_authn_session_data ->> 'totp_step')::int), 0) as step
    from auth.mfa_challenges where factor_id = ${factorId} and verified_at is not null`
  return last?.step ?? 0
}

/** The column cannot be empty. */
function addressOf({ ip }: Client): string {
  return ip ?? '0.0.0.0'
}
