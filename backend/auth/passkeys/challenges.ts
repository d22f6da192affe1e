import { ApiError } from '../../errors'
import type { Sql } from '../user-row'
import type { RelyingParty } from './relying-party'
import { CHALLENGE_SECONDS } from './webauthn'

/** Which ceremony a challenge belongs to; one of the one kind is worth nothing for the other. */
type Ceremony = 'registration' | 'authentication'

/** Remembers what an authenticator was asked to sign. */
export async function storeChallenge(
  sql: Sql,
  kind: Ceremony,
  { userId, challenge, rp }: { userId: string | null; challenge: string; rp: RelyingParty },
): Promise<{ challenge_id: string; expires_at: number }> {
  await sql`delete from auth.webauthn_challenges where expires_at < now() - interval '1 hour'`
  const data = { challenge, rpId: rp.id }
  const [stored] = await sql<{ challenge_id: string; expires_at: number }[]>`
    insert into auth.webauthn_challenges (user_id, challenge_type, session_data, expires_at)
    values (
      ${userId}, ${kind}, ${JSON.stringify(data)}::text::jsonb,
      now() + make_interval(secs => ${CHALLENGE_SECONDS})
    )
    returning id as challenge_id, extract(epoch from expires_at)::int as expires_at`
  if (!stored) throw new Error('no challenge was stored')
  return stored
}

/** What was to be signed. It is used up, whatever comes of it: the next one who names it finds nothing. */
export async function takeChallenge(
  sql: Sql,
  kind: Ceremony,
  id: string,
  userId: string | null,
): Promise<string> {
  const [taken] = await sql<{ challenge: string; is_over: boolean }[]>`
    delete from auth.webauthn_challenges
    where id = ${id} and challenge_type = ${kind} and user_id is not distinct from ${userId}::uuid
    returning session_data ->> 'challenge' as challenge, expires_at < now() as is_over`
  if (!taken) {
    throw new ApiError(400, 'webauthn_challenge_not_found', 'Challenge not found or already used')
  }
  if (taken.is_over) throw new ApiError(400, 'webauthn_challenge_expired', 'Challenge has expired')
  return taken.challenge
}
