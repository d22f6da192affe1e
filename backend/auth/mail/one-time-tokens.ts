import { randomUUID } from 'node:crypto'
import type { Auth } from '../auth'
import { userBanned } from '../auth-error'
import { type Sql, type UserRow, userColumns } from '../user-row'
import { type CodeType, hashLinkToken, newCode, newLinkToken } from './codes'

/** A code and the token of a link, of which either works once. */
export type Issued = { code: string; token: string }

/** What was proved: that somebody reads the mails of this address, and for what they were asked. */
export type Proved = { user: UserRow; type: CodeType; address: string }

type Needs = Pick<Auth, 'codes' | 'settings'>

const SENT_AT: Record<CodeType, string> = {
  confirmation_token: 'confirmation_sent_at',
  recovery_token: 'recovery_sent_at',
  email_change_token_new: 'email_change_sent_at',
  email_change_token_current: 'email_change_sent_at',
  reauthentication_token: 'reauthentication_sent_at',
}

/** Makes a code for an account; the one before it is worth nothing from now on. Inside a transaction. */
export async function issueCode(
  { codes }: Pick<Auth, 'codes'>,
  sql: Sql,
  {
    userId,
    type,
    address,
    pkce = false,
  }: { userId: string; type: CodeType; address: string; pkce?: boolean },
): Promise<Issued> {
  const [code, token] = [newCode(), newLinkToken(pkce)]
  await sql`
    update auth.users set ${sql(type)} = ${codes.hash(code, { userId, type, address })},
      ${sql(SENT_AT[type])} = now(), updated_at = now()
    where id = ${userId}`
  await sql`
    insert into auth.one_time_tokens (id, user_id, token_type, token_hash, relates_to, created_at, updated_at)
    values (${randomUUID()}, ${userId}, ${type}, ${hashLinkToken(token)}, ${address},
      now() at time zone 'utc', now() at time zone 'utc')
    on conflict (user_id, token_type) do update set token_hash = excluded.token_hash,
      relates_to = excluded.relates_to, created_at = excluded.created_at, updated_at = excluded.updated_at`
  return { code, token }
}

/** Whether a link would still work. Uses nothing up. */
export async function isLinkUsable({ settings }: Needs, sql: Sql, token: string, types: CodeType[]) {
  const found = await sql`
    select from auth.one_time_tokens t
    where t.token_hash = ${hashLinkToken(token)} and t.token_type in ${sql(types)} and ${isFresh(sql, settings)}`
  return found.length > 0
}

/** Uses a link up, inside a transaction. Undefined when there is nothing to use. */
export async function takeLink(
  auth: Needs,
  sql: Sql,
  token: string,
  types: CodeType[],
): Promise<Proved | undefined> {
  const hash = hashLinkToken(token)
  const [found] = await sql<{ user_id: string }[]>`
    select user_id from auth.one_time_tokens where token_hash = ${hash} and token_type in ${sql(types)}`
  const user = found && (await lockUser(sql, found.user_id))
  return user && takeUp(auth, sql, user, sql`token_hash = ${hash} and token_type in ${sql(types)}`)
}

/** Uses a code up that was sent to this address, inside a transaction. Undefined when it is not the code. */
export async function takeCode(
  auth: Needs,
  sql: Sql,
  address: string,
  code: string,
  types: CodeType[],
): Promise<Proved | undefined> {
  // Several may want one new address; the code says which of them it is.
  const found = await sql<{ id: string }[]>`
    select id from auth.users where email = ${address} and not is_sso_user
    union
    select user_id from auth.one_time_tokens
    where relates_to = ${address} and token_type = 'email_change_token_new'
      and ${types.includes('email_change_token_new')}
    order by id limit 10`
  for (const { id } of found) {
    const user = await lockUser(sql, id)
    const proved = user && (await takeCodeOf(auth, sql, user, address, code, types))
    if (proved) return proved
  }
  return undefined
}

/** The same for an account in hand, whose row is locked. */
export async function takeCodeOf(
  auth: Needs,
  sql: Sql,
  user: UserRow,
  address: string,
  code: string,
  types: CodeType[],
): Promise<Proved | undefined> {
  const [stored] = await sql<Record<CodeType, string | null>[]>`
    select confirmation_token, recovery_token, email_change_token_new, email_change_token_current,
      reauthentication_token
    from auth.users where id = ${user.id}`
  const type = types.find((each) =>
    auth.codes.matches(code, { userId: user.id, type: each, address }, stored?.[each]),
  )
  return type && takeUp(auth, sql, user, sql`token_type = ${type}`)
}

/** The account is locked before its codes are: a change of password comes the same way. */
export async function lockUser(sql: Sql, id: string): Promise<UserRow | undefined> {
  const [user] = await sql<UserRow[]>`
    select ${userColumns(sql)} from auth.users u where u.id = ${id} and u.deleted_at is null for update`
  return user
}

async function takeUp(
  { settings }: Needs,
  sql: Sql,
  user: UserRow,
  which: ReturnType<Sql>,
): Promise<Proved | undefined> {
  const [used] = await sql<{ token_type: CodeType; relates_to: string }[]>`
    delete from auth.one_time_tokens t
    where user_id = ${user.id} and ${which} and ${isFresh(sql, settings)}
    returning token_type, relates_to`
  if (!used) return undefined
  const { token_type: type, relates_to: address } = used
  // Whatever changed an address has removed its codes; this is the second lock on that door.
  if (address !== (type === 'email_change_token_new' ? user.email_change : user.email)) return undefined
  if (user.is_banned) throw userBanned(403)
  await sql`update auth.users set ${sql(type)} = '' where id = ${user.id}`
  return { user, type, address }
}

function isFresh(sql: Sql, { otpExpirySeconds }: Auth['settings']) {
  return sql`t.created_at > (now() at time zone 'utc') - make_interval(secs => ${otpExpirySeconds})`
}
