import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import type { Json, OracleSocket } from './socket'

/** What somebody hears: rows of a channel and of a public channel they are not in, and two private topics. */
export type Stream = 'message' | 'channel' | 'channel topic' | 'workspace topic'
type Sql = postgres.TransactionSql
type Trial = { place: Place; victim: string; session: string; socket: OracleSocket }
export type Kind = {
  name: string
  loses: Stream[]
  act(sql: Sql, trial: Trial): Promise<unknown>
  undo?(sql: Sql, place: Place): Promise<unknown>
}
export type Place = {
  owner: string
  ownerClaims: Json
  workspace: string
  channel: string
  lobby: string
  witness: OracleSocket
}

const ALL: Stream[] = ['message', 'channel', 'channel topic', 'workspace topic']

/** The ways of taking a right away, and what is not heard any more afterwards. */
export const KINDS: Kind[] = [
  {
    name: 'removed from the channel',
    loses: ['message', 'channel topic'],
    act: asOwner('remove_channel_member', ({ place, victim }) => [place.channel, victim]),
  },
  {
    name: 'removed from the workspace',
    loses: ALL,
    act: asOwner('remove_workspace_member', ({ place, victim }) => [place.workspace, victim]),
  },
  {
    name: 'deactivated',
    loses: ALL,
    act: asOwner('deactivate_member', ({ place, victim }) => [place.workspace, victim]),
  },
  {
    name: 'role lowered to guest',
    loses: ['channel'],
    act: asOwner('set_member_role', ({ place, victim }) => [place.workspace, victim, 'guest']),
  },
  {
    name: 'second factor asked for',
    loses: ALL,
    act: asOwner('set_workspace_security', ({ place }) => [place.workspace, true, false]),
    undo: (sql, place) => sql`delete from public.workspace_security where workspace_id = ${place.workspace}`,
  },
  {
    name: 'logged out',
    loses: ALL,
    act: (sql, { session }) => sql`delete from auth.sessions where id = ${session}`,
  },
  {
    name: 'banned',
    loses: ALL,
    act: (sql, { victim }) =>
      sql`update auth.users set banned_until = now() + interval '1 day' where id = ${victim}`,
  },
  {
    name: 'account deleted',
    loses: ALL,
    act: (sql, { victim }) => sql`delete from auth.users where id = ${victim}`,
  },
  {
    name: 'second factor set up',
    loses: ALL,
    act: (
      sql,
      { victim },
    ) => sql`insert into auth.mfa_factors (id, user_id, factor_type, status, created_at, updated_at)
      values (${randomUUID()}, ${victim}, 'totp', 'verified', now(), now())`,
  },
  {
    name: 'session over',
    loses: ALL,
    act: (sql, { session }) => sql`update auth.sessions set not_after = now() where id = ${session}`,
  },
]

function asOwner(name: string, args: (trial: Trial) => unknown[]): Kind['act'] {
  return async (sql, trial) => {
    await sql`select set_config('request.jwt.claims', ${JSON.stringify(trial.place.ownerClaims)}, true), set_config('role', 'authenticated', true)`
    const values = args(trial)
    await sql.unsafe(
      `select public.${name}(${values.map((_, i) => `$${i + 1}`).join(', ')})`,
      values as string[],
    )
    await sql`select set_config('role', 'none', true)`
  }
}
