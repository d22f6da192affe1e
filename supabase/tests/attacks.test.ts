import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { become, call, newId, openWorld, type Row, refusal, type World } from './personas'

// Every function of the API, called by people who have no business with its arguments: refused, and nothing changed.

let world: World
let leaver: string
let calls: Record<string, Row>
beforeAll(async () => {
  world = await openWorld()
  leaver = await world.signUp('Lou Leaver')
  const { admin } = world.database
  await admin`insert into workspace_members (workspace_id, user_id, role) values (${world.workspace}, ${leaver}, 'admin')`
  await admin`select private.join_default_channels(${world.workspace}, ${leaver})`
  const invitation = await world.commit('owner', (sql) =>
    call(sql, 'create_invitation', { workspace_id: world.workspace }),
  )
  await world.commit('owner', (sql) =>
    call(sql, 'remove_workspace_member', { workspace_id: world.workspace, user_id: leaver }),
  )
  const session = await world.signIn(world.id.member)
  const [connection] = await admin`insert into sso_connections (workspace_id, kind, name, provider, domains)
    values (${world.workspace}, 'saml', 'Acme', 'acme', '{acme.test}') returning id`
  const workspace_id = world.workspace
  const channel_id = world.channel.general
  const message_id = world.message.general
  const user_id = world.id.member
  calls = {
    accept_invitation: { code: 'guessed' },
    add_channel_members: { channel_id, user_ids: [world.id.outsider] },
    archive_channel: { channel_id },
    browse_channels: { workspace_id },
    channel_changes: { channel_id, since_rev: 0 },
    channel_member_list: { channel_id },
    channel_page: { channel_id },
    create_channel: { workspace_id, kind: 'public', name: 'mine' },
    create_invitation: { workspace_id },
    deactivate_member: { workspace_id, user_id },
    delete_message: { message_id },
    end_session: { session_id: session.session_id },
    join_channel: { channel_id },
    leave_channel: { channel_id },
    leave_workspace: { workspace_id },
    link_sso_members: { connection_id: connection?.id },
    list_members: { workspace_id },
    mark_read: { channel_id, seq: 1 },
    mark_unread: { channel_id, seq: 1 },
    message_context: { message_id },
    open_direct: { workspace_id, user_ids: [user_id] },
    preview_invitation: { code: 'guessed' },
    reactivate_member: { workspace_id, user_id },
    remove_channel_member: { channel_id, user_id },
    remove_workspace_member: { workspace_id, user_id },
    revoke_invitation: { invitation_id: invitation.id },
    search_messages: { workspace_id, since: '2020-01-01' },
    set_member_role: { workspace_id, user_id, role: 'guest' },
    set_workspace_security: { workspace_id, require_two_factor: true },
    thread_page: { root_id: message_id },
    unarchive_channel: { channel_id },
  }
})
afterAll(() => world.stop())

/** Everything that is stored, as one number. */
const fingerprint = async () => {
  const { admin } = world.database
  const tables = await admin`
    select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('public', 'private') order by 1`
  const sums = await Promise.all(
    tables.map(({ name }) =>
      admin.unsafe(`select md5(string_agg(t::text, '|' order by t::text)) as sum from ${name} t`),
    ),
  )
  return sums.map(([row]) => row?.sum).join()
}
const attempt = (person: string | null, name: string, args: Row) =>
  world.database.api.begin(async (sql) => {
    await become(sql, person)
    await call(sql, name, args)
  })

test('the list below has every function that names something of somebody', async () => {
  const found = await world.database.admin`
    select proname as name from pg_proc where pronamespace = 'public'::regnamespace order by 1`
  const own = [
    ...['bootstrap', 'create_recovery_codes', 'create_workspace', 'end_other_sessions', 'list_sessions'],
    ...['recovery_codes_left', 'session_requirements', 'sign_in_methods', 'use_recovery_code'],
    // These answer no.
    ...['may_manage_sso', 'may_reset_password'],
  ]
  expect(found.map(({ name }) => name).filter((name) => !own.includes(name))).toEqual(
    Object.keys(calls).sort(),
  )
})

describe.each(['an outsider', 'somebody who was removed', 'nobody'])('%s', (who) => {
  test('is refused by every function, with nothing changed', async () => {
    const person = { 'an outsider': world.id.outsider, 'somebody who was removed': leaver, nobody: null }[who]
    const before = await fingerprint()
    for (const [name, args] of Object.entries(calls)) {
      const code = await refusal(attempt(person as string | null, name, args))
      if (person === null && name !== 'preview_invitation') expect(code, name).toBe('42501')
      else
        expect(code, name).toMatch(
          /^(workspace|channel|message|thread|invitation|session|connection)_not_found$/,
        )
    }
    expect(await fingerprint()).toBe(before)
  })
})

describe('a guest', () => {
  test('gets nowhere with ids of what they cannot see', async () => {
    const before = await fingerprint()
    const harmless = ['leave_workspace', 'list_members', 'search_messages']
    for (const [name, args] of Object.entries(calls)) {
      if (harmless.includes(name)) continue
      // The member shares a channel with the guest; the owner does not.
      const hidden = name === 'open_direct' ? { ...args, user_ids: [world.id.owner] } : args
      const code = await refusal(attempt(world.id.guest, name, hidden))
      expect(code, name).toMatch(/_not_found$|^not_allowed$/)
    }
    expect(await fingerprint()).toBe(before)
  })
})

describe('a token', () => {
  test('that claims another role or metadata opens nothing', async () => {
    const claims = JSON.stringify({
      sub: world.id.outsider,
      role: 'service_role',
      user_metadata: { role: 'owner' },
      app_metadata: { role: 'admin', workspace_id: world.workspace },
    })
    const rows = await world.database.api.begin(async (sql) => {
      await sql`select set_config('role', 'authenticated', true), set_config('request.jwt.claims', ${claims}, true)`
      return await sql`select channel_id from messages`
    })
    expect(new Set(rows.map((row) => row.channel_id))).toEqual(new Set([world.channel.elsewhere]))
  })

  test('without a subject reads and writes nothing', async () => {
    const asNobody = <T>(work: (sql: Parameters<Parameters<World['as']>[1]>[0]) => Promise<T>) =>
      world.database.api.begin(async (sql) => {
        await sql`select set_config('role', 'authenticated', true), set_config('request.jwt.claims', '{"role":"authenticated"}', true)`
        return await work(sql)
      })
    for (const table of [
      'messages',
      'profiles',
      'workspaces',
      'channels',
      'read_states',
      'drafts',
      'invitations',
    ]) {
      expect(await asNobody((sql) => sql`select * from ${sql(table)}`), table).toEqual([])
    }
    const row = { id: newId(), channel_id: world.channel.general, body: 'Ghost' }
    expect(await refusal(asNobody((sql) => sql`insert into messages ${sql(row)}`))).toBe('42501')
    expect(await refusal(asNobody((sql) => call(sql, 'create_workspace', { name: 'Ghost' })))).toBe(
      'not_allowed',
    )
    expect(
      await refusal(
        asNobody((sql) => call(sql, 'open_direct', { workspace_id: world.workspace, user_ids: [] })),
      ),
    ).toBe('workspace_not_found')
  })
})

test('temporary tables named like ours are not read by functions', async () => {
  await world.as('outsider', async (sql) => {
    await sql`create temp table channel_access (user_id uuid, channel_id uuid, workspace_id uuid)`
    await sql`create temp table channels (like public.channels)`
    await sql`insert into pg_temp.channel_access values (${world.id.outsider}, ${world.channel.secret}, ${world.workspace})`
    const page = sql.savepoint((inner) => call(inner, 'channel_page', { channel_id: world.channel.secret }))
    expect(await refusal(page)).toBe('channel_not_found')
    expect(await sql`select id from public.messages`).toHaveLength(1)
  })
})
