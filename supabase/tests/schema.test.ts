import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestDatabase, type TestDatabase } from '../../backend/testing/server'

// What holds for every object of the schema. A new table, policy or function has to be entered here to pass.

const run = promisify(execFile)
const require = createRequire(import.meta.url)
const root = fileURLToPath(new URL('../..', import.meta.url))

let database: TestDatabase
beforeAll(async () => {
  database = await startTestDatabase()
})
afterAll(() => database.stop())

const policies = {
  attachments: ['delete_by_author', 'insert_by_member', 'select_by_reader', 'update_by_author'],
  channel_heads: ['select_by_member'],
  channel_members: ['select_by_member', 'update_by_self'],
  channels: ['select_by_member', 'update_by_member'],
  drafts: ['delete_by_self', 'insert_by_self', 'select_by_self', 'update_by_self'],
  invitations: ['select_by_creator_or_admin'],
  messages: ['insert_by_member', 'select_by_member', 'update_by_author'],
  profiles: ['select_by_colleague', 'update_by_self'],
  reactions: ['delete_by_author', 'insert_by_member', 'select_by_member'],
  read_states: ['select_by_self'],
  sso_connections: ['select_by_owner'],
  workspace_members: ['select_by_member'],
  workspace_security: ['select_by_member'],
  workspaces: ['select_by_member', 'update_by_admin'],
}

/** What people may do with which columns; `*` is the whole table. Anonymous visitors may do nothing. */
const privileges = {
  attachments: [
    'delete *',
    'insert alt channel_id duration height id name size type waveform width',
    'select *',
    'update alt',
  ],
  channel_heads: ['select *'],
  channel_members: ['select *', 'update muted_at starred_at'],
  channels: ['select *', 'update name purpose topic'],
  drafts: [
    'delete *',
    'insert body channel_id thread_id user_id',
    'select *',
    'update body channel_id thread_id user_id',
  ],
  invitations: ['select *'],
  messages: ['insert attachments body channel_id id thread_id', 'select *', 'update body'],
  profiles: [
    'select *',
    'update avatar_url display_name handle locale status_emoji status_expires_at status_text time_zone',
  ],
  reactions: ['delete *', 'insert channel_id emoji message_id user_id', 'select *'],
  read_states: ['select *'],
  sso_connections: ['select *'],
  workspace_members: ['select *'],
  workspace_security: ['select *'],
  workspaces: ['select *', 'update icon icon_url name slug'],
}

/** Functions of the API; all for signed-in people, two also for visitors. */
const functions = [
  'accept_invitation',
  'add_channel_members',
  'archive_channel',
  'bootstrap',
  'browse_channels',
  'channel_changes',
  'channel_member_list',
  'channel_page',
  'create_channel',
  'create_invitation',
  'create_recovery_codes',
  'create_workspace',
  'deactivate_member',
  'delete_message',
  'end_other_sessions',
  'end_session',
  'join_channel',
  'leave_channel',
  'leave_workspace',
  'link_sso_members',
  'list_members',
  'list_sessions',
  'mark_read',
  'mark_unread',
  'may_manage_sso',
  'may_reset_password',
  'message_context',
  'open_direct',
  'preview_invitation',
  'reactivate_member',
  'recovery_codes_left',
  'remove_channel_member',
  'remove_workspace_member',
  'revoke_invitation',
  'search_messages',
  'session_requirements',
  'set_member_role',
  'set_workspace_security',
  'sign_in_methods',
  'thread_page',
  'unarchive_channel',
  'use_recovery_code',
]

const visitors = ['preview_invitation', 'sign_in_methods']

/** Functions that a sign-in may use which is too weak for everything else: they help to make it stronger, or end it. */
const weak = [
  'end_other_sessions',
  'end_session',
  'list_sessions',
  'session_requirements',
  'use_recovery_code',
]

describe('tables', () => {
  test('have row-level security, the expected policies and a test file each', async () => {
    const tables = await database.admin`
      select c.relname as name, c.relrowsecurity as secured, obj_description(c.oid) as comment
      from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')`
    expect(tables.map(({ name }) => name).sort()).toEqual(Object.keys(policies).sort())
    const files = await readdir(new URL('.', import.meta.url))
    for (const { name, secured, comment } of tables) {
      expect(secured, name).toBe(true)
      expect(comment, name).toMatch(/\w/)
      expect(files).toContain(`${name.replaceAll('_', '-')}.test.ts`)
    }
    const found = await database.admin`
      select tablename, array_agg(policyname::text order by policyname) as names from pg_policies
      where schemaname = 'public' group by tablename`
    expect(Object.fromEntries(found.map(({ tablename, names }) => [tablename, names]))).toEqual(policies)
  })

  test('grant people what is listed and visitors nothing', async () => {
    const found = await database.admin`
      select table_name, lower(privilege_type) as privilege, grantee,
        case when count(*) = (select count(*) from information_schema.columns c
          where c.table_schema = 'public' and c.table_name = p.table_name) then '*'
          else string_agg(column_name, ' ' order by column_name) end as columns
      from information_schema.column_privileges p
      where table_schema = 'public' and grantee in ('anon', 'authenticated', 'PUBLIC')
      group by table_name, privilege_type, grantee
      union all
      select table_name, lower(privilege_type), grantee, '*' from information_schema.table_privileges
      where table_schema = 'public' and grantee in ('anon', 'authenticated', 'PUBLIC')
        and privilege_type in ('DELETE', 'TRUNCATE', 'TRIGGER')
      order by 1, 2`
    expect(new Set(found.map(({ grantee }) => grantee))).toEqual(new Set(['authenticated']))
    const granted: Record<string, string[]> = {}
    for (const { table_name, privilege, columns } of found) {
      granted[table_name] = [...(granted[table_name] ?? []), `${privilege} ${columns}`]
    }
    expect(granted).toEqual(privileges)
  })

  test('of the schema private are closed, but for what policies read', async () => {
    const readable = await database.admin`
      select table_name, privilege_type, grantee from information_schema.table_privileges
      where table_schema = 'private' and grantee in ('anon', 'authenticated', 'PUBLIC') order by 1`
    expect(readable).toEqual([
      { table_name: 'channel_access', privilege_type: 'SELECT', grantee: 'authenticated' },
      { table_name: 'workspace_access', privilege_type: 'SELECT', grantee: 'authenticated' },
    ])
  })
})

describe('policies', () => {
  test('are for signed-in people, for one command, permissive, and ask who once', async () => {
    // Without a search path the catalogue writes names in full.
    const sql = database.connect('postgres', { max: 1, connection: { search_path: '' } })
    const found = await sql`
      select schemaname, tablename, policyname, permissive, roles, cmd, coalesce(qual, '') || coalesce(with_check, '') as body
      from pg_policies where schemaname in ('public', 'realtime')`
    await sql.end()
    for (const { tablename, policyname, permissive, roles, cmd, body } of found) {
      const name = `${tablename}.${policyname}`
      expect(permissive, name).toBe('PERMISSIVE')
      expect(roles, name).toEqual(['authenticated'])
      expect(policyname, name).toMatch(new RegExp(`^${cmd.toLowerCase()}_by_`))
      expect(body.replace(/\( SELECT private\.person_id\(\) AS person_id\)/g, ''), name).not.toMatch(
        /uid\(\)|person_id\(\)/,
      )
      expect(body, name).toContain('private.person_id()')
    }
    expect(found.filter(({ schemaname }) => schemaname === 'realtime')).toHaveLength(2)
  })

  test('of published tables declare what their answer depends on', async () => {
    const published = await database.admin`
      select p.tablename, obj_description(pol.oid, 'pg_policy') as comment
      from pg_publication_tables p
      join pg_policy pol on pol.polrelid = format('%I.%I', p.schemaname, p.tablename)::regclass and pol.polcmd = 'r'
      where p.pubname = 'supabase_realtime' order by 1`
    expect(published.map(({ tablename }) => tablename)).toEqual([
      'channel_members',
      'channels',
      'drafts',
      'messages',
      'profiles',
      'read_states',
      'workspace_members',
      'workspaces',
    ])
    for (const { tablename, comment } of published) {
      expect(comment, tablename).toContain('@realtime scope=')
      expect(comment, tablename).toContain('private.account_changes(user_id)')
    }
  })
})

describe('functions', () => {
  test('of the API are those listed, run as the caller, and are open to whom they should', async () => {
    const found = await database.admin`
      select p.proname as name, p.prosecdef as definer,
        has_function_privilege('anon', p.oid, 'execute') as anon,
        has_function_privilege('authenticated', p.oid, 'execute') as people
      from pg_proc p where p.pronamespace = 'public'::regnamespace order by 1`
    expect(found).toEqual(
      functions.map((name) => ({ name, definer: false, anon: visitors.includes(name), people: true })),
    )
  })

  test('have a comment, an empty search path, and exist once per name', async () => {
    const found = await database.admin`
      select p.oid::regprocedure::text as name, p.proname, p.proconfig as config, obj_description(p.oid) as comment
      from pg_proc p where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)`
    for (const { name, config, comment } of found) {
      expect(config, name).toContain('search_path=""')
      expect(comment, name).toMatch(/\w/)
    }
    const bodies = found.filter(({ name }) => name.startsWith('private.')).map(({ proname }) => proname)
    expect(new Set(bodies).size).toBe(bodies.length)
  })

  test('of the schema private are open to visitors in two cases only', async () => {
    const open = await database.admin`
      select p.proname as name from pg_proc p where p.pronamespace = 'private'::regnamespace
        and has_function_privilege('anon', p.oid, 'execute')`
    expect(open.map(({ name }) => name).sort()).toEqual(visitors)
  })

  test('ask who the caller is in one way, which looks at the session and its strength', async () => {
    const found = await database.admin`
      select p.proname as name, p.prosrc ~ 'auth\\.uid' as by_token, p.prosrc ~ 'signed_in_id' as weak from pg_proc p
      where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
        and p.prosrc ~ 'auth\\.uid|signed_in_id|request\\.jwt'
      order by 1`
    expect(found.filter(({ by_token }) => by_token).map(({ name }) => name)).toEqual(['caller_id'])
    expect(found.filter(({ weak }) => weak).map(({ name }) => name)).toEqual(weak)
    expect(found.filter((each) => !each.by_token && !each.weak).map(({ name }) => name)).toEqual([
      'create_recovery_codes',
      'person_id',
      'set_workspace_security',
      'signed_in_id',
    ])
    const defaults = await database.admin`
      select pg_get_expr(adbin, adrelid) as text from pg_attrdef
      where pg_get_expr(adbin, adrelid) ~ 'auth\\.|person_id|request'`
    expect(new Set(defaults.map(({ text }) => text))).toEqual(new Set(['private.person_id()']))
  })

  test('refuse only with codes of the catalogue', async () => {
    const found = await database.admin`
      select p.prosrc as source from pg_proc p where p.pronamespace = 'private'::regnamespace`
    const sources = found.map(({ source }) => source).join('\n')
    const used = new Set(
      [...sources.matchAll(/private\.(?:fail|refuse_and_keep)\('(\w+)'\)/g)].map(([, code]) => code),
    )
    const known = new Set([...sources.matchAll(/\('(\w+)', '(?:PT\d{3}|23505)', /g)].map(([, code]) => code))
    // readable_message is told by its callers which refusal to use.
    for (const code of ['message_not_found', 'thread_not_found']) used.add(code)
    expect([...used].sort()).toEqual([...known].sort())
    expect(sources.match(/raise exception/g)).toHaveLength(1)
  })
})

describe('tools', () => {
  test("the CLI's advisors find nothing", async () => {
    const { stdout, stderr } = await run(
      process.execPath,
      [
        require.resolve('supabase/dist/supabase.js'),
        ...[
          'db',
          'advisors',
          `--remote=${database.url()}`,
          '--level=warn',
          '--output-format=text',
          `--workdir=${root}`,
        ],
      ],
      { env: { ...process.env, SUPABASE_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' } },
    )
    expect(stdout + stderr).toContain('No issues found')
  })

  test('what is generated from the migrations is fresh', async () => {
    const { stdout } = await run(process.execPath, [`${root}bin/types.mjs`, '--check'])
    expect(stdout).toContain('fresh')
  })
})
