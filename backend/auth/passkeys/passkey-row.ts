import { ApiError } from '../../errors'
import { isUuid } from '../authenticate'
import type { Sql } from '../user-row'

/** A passkey as it is listed. */
export type PasskeyRow = {
  id: string
  friendly_name: string
  created_at: Date
  last_used_at: Date | null
}

/** The passkeys of a person, the oldest first. */
export function findPasskeys(sql: Sql, userId: string) {
  return sql<(PasskeyRow & { credential_id: Buffer })[]>`
    select id, friendly_name, created_at, last_used_at, credential_id from auth.webauthn_credentials
    where user_id = ${userId} order by created_at, id`
}

/** A passkey as GoTrue shows it. */
export function passkeyJson({ id, friendly_name, created_at, last_used_at }: PasskeyRow) {
  return {
    id,
    ...(friendly_name ? { friendly_name } : {}),
    created_at: created_at.toISOString(),
    ...(last_used_at ? { last_used_at: last_used_at.toISOString() } : {}),
  }
}

/** The id of a passkey in a path. Throws when it cannot be one: such a passkey does not exist. */
export function passkeyId(id: string | undefined): string {
  if (!id || !isUuid(id)) throw passkeyNotFound()
  return id
}

/** There is no such passkey, or it is somebody else's. */
export function passkeyNotFound(): ApiError {
  return new ApiError(404, 'validation_failed', 'Passkey not found')
}
