import type { Auth } from '../auth'
import { type Challenge, createFlowState } from '../flow-state'
import type { AuthMethod } from '../sessions'
import type { Sql, UserRow } from '../user-row'
import type { CodeType } from './codes'
import { type Issued, issueCode } from './one-time-tokens'

type Account = Pick<UserRow, 'id' | 'email'>

/** A code for the account's own address, with the client's challenge if it brought one. Inside a transaction. */
export async function issueOwnCode(
  auth: Pick<Auth, 'codes'>,
  sql: Sql,
  user: Account,
  { type, challenge, method }: { type: CodeType; challenge?: Challenge | null; method: AuthMethod },
): Promise<Issued> {
  if (challenge) await createFlowState(sql, { challenge, provider: 'email', method, userId: user.id })
  return issueCode(auth, sql, { userId: user.id, type, address: user.email ?? '', pkce: Boolean(challenge) })
}

/** The codes of a change of address: for the new one, and for the old one where there is one to ask. */
export type ChangeCodes = { toNew: Issued; toCurrent: Issued | undefined }

/** Begins a change of address, inside a transaction; one that was begun before is forgotten. */
export async function beginEmailChange(
  auth: Pick<Auth, 'codes' | 'settings'>,
  sql: Sql,
  user: Account,
  { next, challenge }: { next: string; challenge?: Challenge | null },
): Promise<ChangeCodes> {
  const pkce = Boolean(challenge)
  if (challenge) {
    await createFlowState(sql, { challenge, provider: 'email', method: 'email_change', userId: user.id })
  }
  await sql`
    update auth.users set email_change = ${next}, email_change_confirm_status = 0 where id = ${user.id}`
  await sql`
    delete from auth.one_time_tokens where user_id = ${user.id}
      and token_type in ('email_change_token_new', 'email_change_token_current')`
  const code = (type: CodeType, address: string) =>
    issueCode(auth, sql, { userId: user.id, type, address, pkce })
  const toNew = await code('email_change_token_new', next)
  const toCurrent =
    auth.settings.secureEmailChange && user.email
      ? await code('email_change_token_current', user.email)
      : undefined
  return { toNew, toCurrent }
}
