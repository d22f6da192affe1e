import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type postgres from 'postgres'
import { errorCode, StartError } from '../start-error'

// From source this is backend/, from the bundle the folder that bin/build.mjs copies the SQL files to.
const root = new URL('..', import.meta.url)

// A folder stands for all SQL files in it, `schema.sql` before `schema-sso.sql`.
const order = ['postgres/roles.sql', 'postgres/extensions.sql', 'auth/', 'storage/', 'realtime/']

/** The SQL files of the base schema in the order in which they are applied. */
export async function baseFiles(): Promise<{ name: string; text: string }[]> {
  try {
    const names = await Promise.all(order.map(expand))
    return await Promise.all(
      names.flat().map(async (name) => ({ name, text: await readFile(locate(name), 'utf8') })),
    )
  } catch (error) {
    throw new StartError(`A file of the base schema is missing (${errorCode(error)}): build again.`)
  }
}

async function expand(name: string): Promise<string[]> {
  if (!name.endsWith('/')) return [name]
  const files = await readdir(locate(name))
  const stems = files.filter((file) => file.endsWith('.sql')).map((file) => file.slice(0, -'.sql'.length))
  return stems.sort().map((stem) => `${name}${stem}.sql`)
}

function locate(name: string): string {
  return fileURLToPath(new URL(name, root))
}

/**
 * Brings roles and the schemas auth, storage and realtime up to date, as superuser. A file runs again only when
 * its content changed: running all of them at every start would grant again what a migration has revoked.
 */
export async function applyBaseSchema(admin: postgres.Sql): Promise<void> {
  await admin.begin(async (sql) => {
    await sql`select pg_advisory_xact_lock(hashtext('base schema'))`
    await sql`create schema if not exists _backend`
    await sql`create table if not exists _backend.base_files (
      name text primary key, hash text not null, applied_at timestamptz not null default now()
    )`
    const applied = await sql<{ name: string; hash: string }[]>`select name, hash from _backend.base_files`
    for (const { name, text } of await baseFiles()) {
      const hash = createHash('sha256').update(text).digest('hex')
      if (applied.some((file) => file.name === name && file.hash === hash)) continue
      await sql.unsafe(text).simple()
      await sql`reset role`
      await sql`reset search_path`
      await sql`insert into _backend.base_files (name, hash) values (${name}, ${hash})
        on conflict (name) do update set hash = excluded.hash, applied_at = now()`
    }
  })
}
