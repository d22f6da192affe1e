import { randomUUID } from 'node:crypto'
import type postgres from 'postgres'
import type { Random } from '../fuzz/random'
import type { Shard } from './shard'
import type { Json } from './socket'

type Sql = postgres.TransactionSql
/** A step of somebody with a token, or (`server`) of the service role and whoever else stands above policies. */
export type Step = { name: string; server: boolean; run(sql: Sql): Promise<unknown> }

const EMOJI = ['👍', '🎉', '❤️']
const ROLES = ['owner', 'admin', 'member', 'member', 'guest', 'guest']

/** What may happen next, each as often as it is named. */
export function makeStep(random: Random, shard: Shard, claims: Json): Step {
  const person = random.pick(shard.people)
  const me: string = claims.sub
  const workspace_id = random.pick(shard.workspaces)
  const [channel_id = '', its = workspace_id] = random.pick([...shard.channels]) ?? []
  const message = random.pick(shard.messages) ?? { id: randomUUID(), channel: channel_id, thread: false }
  const long = random.chance(0.05) ? 'x'.repeat(5_000) + random.below(1_000_000) : ''
  const body = `say ${random.below(1_000)} ${long}`
  const id = randomUUID()
  const call = (name: string, args: Json) => (sql: Sql) => {
    const names = Object.keys(args)
    const list = names.map((key, n) => `${key} => $${n + 1}`).join(', ')
    return sql.unsafe(`select public.${name}(${list})`, Object.values(args))
  }
  const one = (table: string, row: Json) => (sql: Sql) =>
    sql`insert into ${sql(`public.${table}`)} ${sql(row)}`
  const theirs: [number, string, (sql: Sql) => Promise<unknown>][] = [
    [14, 'send', one('messages', { id, channel_id, body })],
    [6, 'reply', one('messages', { id, channel_id: message.channel, thread_id: message.id, body })],
    [5, 'edit', (sql) => sql`update public.messages set body = ${body} where id = ${message.id}`],
    [4, 'delete_message', call('delete_message', { message_id: message.id })],
    [5, 'react', one('reactions', { message_id: message.id, emoji: random.pick(EMOJI) })],
    [
      2,
      'unreact',
      (sql) => sql`delete from public.reactions where message_id = ${message.id} and user_id = ${me}`,
    ],
    [4, 'mark_read', call('mark_read', { channel_id, seq: random.below(30) })],
    [2, 'mark_unread', call('mark_unread', { channel_id, seq: random.below(10) })],
    [
      3,
      'draft',
      (sql) => sql`insert into public.drafts ${sql({ channel_id, body })}
      on conflict (user_id, channel_id, thread_id) do update set body = excluded.body`,
    ],
    [1, 'undraft', (sql) => sql`delete from public.drafts where channel_id = ${channel_id}`],
    [5, 'join_channel', call('join_channel', { channel_id })],
    [3, 'leave_channel', call('leave_channel', { channel_id })],
    [5, 'add_channel_members', call('add_channel_members', { channel_id, user_ids: [person] })],
    [5, 'remove_channel_member', call('remove_channel_member', { channel_id, user_id: person })],
    [
      2,
      'create_channel',
      call('create_channel', {
        workspace_id,
        kind: random.pick(['public', 'private']),
        name: `c-${id.slice(0, 8)}`,
        member_ids: [person],
      }),
    ],
    [2, 'open_direct', call('open_direct', { workspace_id, user_ids: [person] })],
    [
      2,
      'archive',
      call(random.pick(['archive_channel', 'unarchive_channel', 'unarchive_channel']), { channel_id }),
    ],
    [
      2,
      'topic',
      (sql) => sql`update public.channels set topic = ${body.slice(0, 40)} where id = ${channel_id}`,
    ],
    [
      2,
      'profile',
      (sql) => sql`update public.profiles set status_text = ${body.slice(0, 40)} where id = ${me}`,
    ],
    [
      1,
      'workspace',
      (sql) => sql`update public.workspaces set name = ${body.slice(0, 40)} where id = ${workspace_id}`,
    ],
    [
      5,
      'set_member_role',
      call('set_member_role', { workspace_id, user_id: person, role: random.pick(ROLES) }),
    ],
    [2, 'remove_workspace_member', call('remove_workspace_member', { workspace_id, user_id: person })],
    [1, 'leave_workspace', call('leave_workspace', { workspace_id })],
    [2, 'deactivate', call('deactivate_member', { workspace_id, user_id: person })],
    [3, 'reactivate', call('reactivate_member', { workspace_id, user_id: person })],
    [1, 'end_other_sessions', call('end_other_sessions', {})],
    ...(claims.session_id
      ? [
          [1, 'end_session', call('end_session', { session_id: claims.session_id })] as [
            number,
            string,
            (sql: Sql) => Promise<unknown>,
          ],
        ]
      : []),
    [
      1,
      'rules',
      call('set_workspace_security', {
        workspace_id,
        require_two_factor: random.chance(0.4),
        require_sso: false,
      }),
    ],
  ]
  const servers: typeof theirs = [
    [
      8,
      'server: add to workspace',
      (sql) => sql`insert into public.workspace_members (workspace_id, user_id, role)
      values (${workspace_id}, ${person}, ${random.pick(ROLES)}) on conflict do nothing`,
    ],
    [
      8,
      'server: add to channel',
      (sql) => sql`insert into public.channel_members (channel_id, user_id, workspace_id)
      values (${channel_id}, ${person}, ${its}) on conflict do nothing`,
    ],
    [3, 'server: move message', (sql) => moveMessage(sql, message.id, channel_id)],
    [2, 'server: delete message', (sql) => sql`delete from public.messages where id = ${message.id}`],
    [2, 'server: send', one('messages', { id, channel_id, user_id: person, body })],
    [
      1,
      'server: delete channel',
      (sql) =>
        shard.channels.size > 6
          ? sql`delete from public.channels where id = ${channel_id}`
          : Promise.resolve(),
    ],
    [
      1,
      'server: factor',
      (sql) => sql`insert into auth.mfa_factors (id, user_id, factor_type, status, created_at, updated_at)
      values (${id}, ${person}, 'totp', 'verified', now(), now())`,
    ],
    [2, 'server: no factor', (sql) => sql`delete from auth.mfa_factors where user_id = ${person}`],
    [
      1,
      'server: session',
      (sql) => sql`update auth.sessions set aal = ${random.pick(['aal1', 'aal2'])} where user_id = ${person}`,
    ],
    [
      1,
      'server: rules off',
      (sql) =>
        sql`update public.workspace_security set require_two_factor = false where workspace_id = ${workspace_id}`.then(
          () =>
            sql`select private.note_account_change(array(select user_id from private.workspace_access where workspace_id = ${workspace_id}))`,
        ),
    ],
    [
      1,
      'server: ban',
      (sql) => sql`update auth.users set banned_until = now() + interval '1 hour' where id = ${person}`,
    ],
    [
      3,
      'server: no ban',
      (sql) =>
        sql`update auth.users set banned_until = null where id = ${person} and banned_until < '9999-01-01'`,
    ],
    [
      1,
      'server: address',
      (sql) => sql`update auth.users set email = ${`${id}@example.org`} where id = ${person}`,
    ],
    [
      1,
      'server: delete account',
      (sql) =>
        shard.people.length > 4 ? sql`delete from auth.users where id = ${person}` : Promise.resolve(),
    ],
  ]
  const server = random.chance(0.25)
  const [, name, run] = random.pick(
    (server ? servers : theirs).flatMap((each) => Array(each[0]).fill(each) as typeof theirs),
  )
  return { name, server, run }
}

/** As a script of the operator would: the message takes the next number of its new channel. */
async function moveMessage(sql: Sql, message: string, channel: string): Promise<void> {
  const [found] =
    await sql`select thread_id, last_thread_seq from public.messages where id = ${message} and channel_id <> ${channel}`
  if (!found || found.thread_id || found.last_thread_seq > 0) return
  const [head] =
    await sql`update public.channel_heads set last_seq = last_seq + 1 where channel_id = ${channel} returning last_seq`
  if (head)
    await sql`update public.messages set channel_id = ${channel}, seq = ${head.last_seq} where id = ${message}`
}
