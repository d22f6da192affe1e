import { randomBytes } from 'node:crypto'
import type postgres from 'postgres'

/** The roles that sign in with a password. */
export const loginRoles = [
  'supabase_admin',
  'postgres',
  'authenticator',
  'supabase_auth_admin',
  'supabase_storage_admin',
] as const

/** A random password for each login role. */
export function makePasswords(): Record<string, string> {
  return Object.fromEntries(loginRoles.map((role) => [role, randomBytes(24).toString('base64url')]))
}

/** Gives the login roles that have no password yet theirs. Roles that have one, and superusers, are left alone. */
export async function setPasswords(admin: postgres.Sql, passwords: Record<string, string>): Promise<void> {
  const bare = await admin<{ name: string }[]>`
    select rolname as name from pg_authid
    where rolpassword is null and not rolsuper and rolname = any(${[...loginRoles]}::text[])`
  for (const { name } of bare) {
    // `alter role` takes no parameters; quoting is left to PostgreSQL.
    const [row] = await admin<{ statement: string }[]>`
      select format('alter role %I password %L', ${name}::text, ${passwords[name] ?? ''}::text) as statement`
    if (row) await admin.unsafe(row.statement)
  }
}
