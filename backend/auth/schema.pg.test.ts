import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestDatabase, type TestDatabase } from '../testing/server'

let database: TestDatabase

beforeAll(async () => {
  database = await startTestDatabase({ migrationsDir: null })
})

afterAll(() => database.stop())

describe('the auth schema', () => {
  test('belongs to supabase_auth_admin and has row-level security on every table', async () => {
    const tables = await database.admin<{ name: string; owner: string; rls: boolean }[]>`
      select tablename as name, tableowner as owner, rowsecurity as rls from pg_tables where schemaname = 'auth'`
    expect(tables.map(({ name }) => name).sort()).toEqual([
      'audit_log_entries',
      'custom_oauth_providers',
      'flow_state',
      'identities',
      'instances',
      'mfa_amr_claims',
      'mfa_challenges',
      'mfa_factors',
      'oauth_client_states',
      'one_time_tokens',
      'refresh_tokens',
      'saml_providers',
      'saml_relay_states',
      'schema_migrations',
      'sessions',
      'sso_domains',
      'sso_providers',
      'users',
      'webauthn_challenges',
      'webauthn_credentials',
    ])
    expect(new Set(tables.map(({ owner, rls }) => `${owner} ${rls}`))).toEqual(
      new Set(['supabase_auth_admin true']),
    )
  })

  test('is closed to the roles of the API', async () => {
    const open = await database.admin`
      select grantee, table_name from information_schema.role_table_grants
      where table_schema = 'auth' and grantee in ('PUBLIC', 'anon', 'authenticated', 'service_role')`
    expect([...open]).toEqual([])
  })

  test('lets migrations reference, trigger on and read users', async () => {
    const [row] = await database.admin<{ allowed: boolean }[]>`
      select has_table_privilege('postgres', 'auth.users', 'select, references, trigger') as allowed`
    expect(row?.allowed).toBe(true)
  })

  test('may be applied again without losing anything', async () => {
    const id = randomUUID()
    await database.auth`insert into auth.users (id, email) values (${id}, 'ada@example.com')`
    for (const name of ['schema.sql', 'schema-sso.sql']) {
      const text = await readFile(new URL(name, import.meta.url), 'utf8')
      await database.admin.begin((sql) => sql.unsafe(text).simple())
    }
    expect(await database.auth`select email from auth.users where id = ${id}`).toMatchObject([
      { email: 'ada@example.com' },
    ])
  })
})

describe('auth.uid(), role(), email() and jwt()', () => {
  test('read the claims of the request', async () => {
    const claims = { sub: randomUUID(), role: 'authenticated', email: 'ada@example.com' }
    const [row] = await database.api.begin(async (sql) => {
      await sql`select set_config('role', 'authenticated', true),
        set_config('request.jwt.claims', ${JSON.stringify(claims)}, true)`
      return sql`select auth.uid() as sub, auth.role() as role, auth.email() as email, auth.jwt() as jwt`
    })
    expect(row).toEqual({ ...claims, jwt: claims })
  })

  test('are null without claims', async () => {
    const [row] = await database.api.begin(async (sql) => {
      await sql`select set_config('role', 'anon', true), set_config('request.jwt.claims', '', true)`
      return sql`select auth.uid() as sub, auth.role() as role, auth.email() as email, auth.jwt() as jwt`
    })
    expect(row).toEqual({ sub: null, role: null, email: null, jwt: null })
  })
})
