import { randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import type postgres from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bear, call, newId, openWorld, type Row, refusal, type World } from './personas'

// Who may do what, for every table and function that the catalogue knows: matrix.md is the expected answer, to be read
// and decided about. WRITE_MATRIX=1 writes what is now; a table or function without a row in it fails.

const file = new URL('./matrix.md', import.meta.url)
/** By "select messages" or "call join_channel", and by persona. */
type Matrix = Record<string, Record<string, string>>

let world: World
let tokens: Record<string, Row | null>
let calls: Record<string, Row>

beforeAll(async () => {
  world = await openWorld()
  const { admin } = world.database
  const workspace_id = world.workspace
  const [removed, deactivated] = [await world.signUp('Rita Removed'), await world.signUp('Dan Deactivated')]
  for (const person of [removed, deactivated]) {
    await admin`insert into workspace_members (workspace_id, user_id, role) values (${workspace_id}, ${person}, 'admin')`
    await admin`select private.join_default_channels(${workspace_id}, ${person})`
  }
  // One of everything, so that "sees nothing" is never for want of something to see.
  const about = { message_id: world.message.general, emoji: '👍' }
  await world.commit('member', (sql) => sql`insert into reactions ${sql(about)}`)
  const file = { id: newId(), channel_id: world.channel.general, name: 'a.txt', type: 'text/plain', size: 1 }
  await world.commit('member', (sql) => sql`insert into attachments ${sql(file)}`)
  await world.commit(
    'guest',
    (sql) => sql`insert into drafts ${sql({ channel_id: world.channel.secret, body: 'x' })}`,
  )
  await world.commit(
    'member',
    (sql) => sql`insert into drafts ${sql({ channel_id: world.channel.general, body: 'x' })}`,
  )
  const invitation = await world.commit('member', (sql) => call(sql, 'create_invitation', { workspace_id }))
  await admin`insert into workspace_security (workspace_id) values (${workspace_id})`
  const [connection] = await admin`insert into sso_connections (workspace_id, kind, name, provider, domains)
    values (${workspace_id}, 'saml', 'Acme', 'acme', '{acme.test}') returning id`

  tokens = { anonymous: null }
  for (const who of ['owner', 'admin', 'member', 'guest', 'outsider'] as const) {
    tokens[who] = await world.signIn(world.id[who])
  }
  tokens.removed = await world.signIn(removed)
  tokens.deactivated = await world.signIn(deactivated)
  tokens.weak = await world.signIn(world.id.peer)
  await admin`insert into auth.mfa_factors (id, user_id, factor_type, status, created_at, updated_at)
    values (${randomUUID()}, ${world.id.peer}, 'totp', 'verified', now(), now())`
  await world.commit('owner', (sql) =>
    call(sql, 'remove_workspace_member', { workspace_id, user_id: removed }),
  )
  await world.commit('owner', (sql) => call(sql, 'deactivate_member', { workspace_id, user_id: deactivated }))

  const channel_id = world.channel.general
  const message_id = world.message.general
  const user_id = world.id.guest
  calls = {
    accept_invitation: { code: invitation.code },
    add_channel_members: { channel_id, user_ids: [world.id.member] },
    archive_channel: { channel_id },
    bootstrap: {},
    browse_channels: { workspace_id },
    channel_changes: { channel_id, since_rev: 0 },
    channel_member_list: { channel_id },
    channel_page: { channel_id },
    create_channel: { workspace_id, kind: 'private', name: 'new' },
    create_invitation: { workspace_id },
    create_recovery_codes: {},
    create_workspace: { name: 'Another' },
    deactivate_member: { workspace_id, user_id },
    delete_message: { message_id },
    end_other_sessions: {},
    end_session: { session_id: tokens.member?.session_id },
    join_channel: { channel_id: world.channel.lobby },
    leave_channel: { channel_id },
    leave_workspace: { workspace_id },
    link_sso_members: { connection_id: connection?.id },
    list_members: { workspace_id },
    list_sessions: {},
    mark_read: { channel_id, seq: 1 },
    mark_unread: { channel_id, seq: 1 },
    may_manage_sso: { workspace_id },
    may_reset_password: { user_id },
    message_context: { message_id },
    open_direct: { workspace_id, user_ids: [world.id.member] },
    preview_invitation: { code: invitation.code },
    reactivate_member: { workspace_id, user_id },
    recovery_codes_left: {},
    remove_channel_member: { channel_id, user_id: world.id.peer },
    remove_workspace_member: { workspace_id, user_id },
    revoke_invitation: { invitation_id: invitation.id },
    search_messages: { workspace_id, since: '2020-01-01' },
    session_requirements: {},
    set_member_role: { workspace_id, user_id, role: 'member' },
    set_workspace_security: { workspace_id, require_two_factor: false },
    sign_in_methods: { email: 'mia@acme.test' },
    thread_page: { root_id: message_id },
    unarchive_channel: { channel_id },
    use_recovery_code: { code: 'guess' },
  }
})
afterAll(() => world.stop())

class Undone extends Error {}

/** What comes of it, and nothing stays: a number of rows, a function's yes or no, or the code of the refusal. */
async function outcome(
  who: string,
  work: (sql: postgres.TransactionSql) => Promise<unknown>,
): Promise<string> {
  let found: unknown
  const done = world.database.api.begin(async (sql) => {
    await bear(sql, tokens[who] ?? null)
    found = await work(sql)
    throw new Undone()
  })
  try {
    return await refusal(done)
  } catch (error) {
    if (!(error instanceof Undone)) throw error
  }
  if (Array.isArray(found) && 'count' in found) return String(found.count)
  if (typeof found === 'boolean') return found ? 'yes' : 'no'
  const code = typeof found === 'object' ? (found as Row | null)?.details : null
  return typeof code === 'string' ? code : 'ok'
}

async function tableRows(): Promise<Matrix> {
  const { admin } = world.database
  const matrix: Matrix = {}
  const tables = await admin`
    select c.relname as name,
      (select jsonb_object_agg(p.verb, p.columns) from (
        select v.verb, array(
          select a.attname::text from pg_attribute a
          where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            and has_column_privilege('authenticated', c.oid, a.attnum, v.verb)
          order by a.attnum) as columns
        from (values ('insert'), ('update')) v (verb)
      ) p) as granted
    from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f') order by 1`
  for (const { name, granted } of tables) {
    const [sample] = await admin`select to_jsonb(t) as row from ${admin(name)} t limit 1`
    if (!sample) throw new Error(`The world has no row of ${name}: make one in this test`)
    // Nobody may write any: then the whole row is what an attacker would try.
    const columns: string[] = granted.insert.length > 0 ? granted.insert : Object.keys(sample.row)
    const list = columns.map((column) => `"${column}"`).join()
    const copy = `insert into public.${name} (${list})
      select ${list} from jsonb_populate_record(null::public.${name}, $1)`
    const [same = Object.keys(sample.row)[0]] = granted.update as string[]
    const statements: Record<string, (sql: postgres.TransactionSql) => Promise<unknown>> = {
      select: (sql) => sql.unsafe(`select * from public.${name}`),
      // A copy of somebody's row: who is let through meets the primary key, or the trigger that knows the message.
      insert: (sql) => sql.unsafe(copy, [{ ...sample.row, ...fresh(name) } as never]),
      update: (sql) => sql.unsafe(`update public.${name} set "${same}" = "${same}"`),
      delete: (sql) => sql.unsafe(`delete from public.${name}`),
    }
    for (const [verb, work] of Object.entries(statements)) {
      matrix[`${verb} ${name}`] = Object.fromEntries(
        await Promise.all(Object.keys(tokens).map(async (who) => [who, await outcome(who, work)])),
      )
    }
  }
  return matrix
}

/** What an honest writer would make new. */
function fresh(table: string): Row {
  if (table === 'messages') return { id: newId(), channel_id: world.channel.general }
  if (table === 'attachments') return { id: newId() }
  if (table === 'reactions') return { emoji: '🎉' }
  return {}
}

async function functionRows(): Promise<Matrix> {
  const matrix: Matrix = {}
  const functions = await world.database.admin`
    select proname as name from pg_proc where pronamespace = 'public'::regnamespace order by 1`
  for (const { name } of functions) {
    const args = calls[name]
    if (!args) throw new Error(`${name} is new: give it arguments in this test and a row in matrix.md`)
    matrix[`call ${name}`] = Object.fromEntries(
      await Promise.all(
        Object.keys(tokens).map(async (who) => [who, await outcome(who, (sql) => call(sql, name, args))]),
      ),
    )
  }
  return matrix
}

test('everybody may do what matrix.md says, with every table and function there is', async () => {
  const found = { ...(await tableRows()), ...(await functionRows()) }
  if (process.env.WRITE_MATRIX) writeFileSync(file, print(found))
  const expected = parse(readFileSync(file, 'utf8'))
  const missing = Object.keys(found).filter((key) => !(key in expected))
  expect(missing, 'These have no expected row in matrix.md: decide who may, then WRITE_MATRIX=1').toEqual([])
  for (const [key, row] of Object.entries(expected)) expect(found[key], key).toEqual(row)
})

const intro = `What everybody may do: rows seen or changed, yes or no, ok, or the code of the refusal (42501: by a policy or a missing
privilege). Compared by matrix.test.ts, which also writes it.`

/** One line a row, so that a change of rights is a change of one line. */
function print(matrix: Matrix): string {
  const people = Object.keys(tokens)
  const cells = [
    ['', ...people],
    ...Object.entries(matrix).map(([key, row]) => [key, ...people.map((who) => row[who] ?? '')]),
  ]
  const widths = ['', ...people].map((_, n) => Math.max(3, ...cells.map((line) => line[n]?.length ?? 0)))
  const lines = cells.map((line) => `| ${line.map((cell, n) => cell.padEnd(widths[n] ?? 0)).join(' | ')} |`)
  lines.splice(1, 0, `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`)
  return `${intro}\n\n${lines.join('\n')}\n`
}

function parse(text: string): Matrix {
  const lines = text.split('\n').filter((line) => line.startsWith('|'))
  const [head = [], , ...rows] = lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  return Object.fromEntries(
    rows.map(([key = '', ...row]) => [
      key,
      Object.fromEntries(row.map((cell, n) => [head[n + 1] ?? '', cell])),
    ]),
  )
}
