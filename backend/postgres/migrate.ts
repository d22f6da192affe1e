import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import postgres from 'postgres'
import { errorCode, StartError } from '../start-error'
import { type Statement, splitStatements } from './split-statements'

/** A file of migrations. */
export type Migration = { file: string; version: string; name: string }

/**
 * Applies what is new in a folder of migrations, in order, each in a transaction of its own. The record is the
 * supabase CLI's, so `supabase migration list` and `db push` see the same state. `sql` is a connection as
 * `postgres`. Returns the versions that were applied.
 */
export async function migrate(sql: postgres.Sql, folder: string): Promise<string[]> {
  const migrations = await listMigrations(folder)
  const session = await sql.reserve()
  try {
    // Held by the session, so that two servers on one database take turns.
    await session`select pg_advisory_lock(hashtext('supabase_migrations'))`
    await session`create schema if not exists supabase_migrations`
    await session`create table if not exists supabase_migrations.schema_migrations (
      version text not null primary key, statements text[], name text
    )`
    const rows = await session<
      { version: string }[]
    >`select version from supabase_migrations.schema_migrations`
    const done = new Set(rows.map((row) => row.version))
    const pending = migrations.filter((migration) => !done.has(migration.version))
    for (const migration of pending) await apply(session, folder, migration)
    return pending.map((migration) => migration.version)
  } finally {
    await session`select pg_advisory_unlock_all()`.catch(() => {})
    session.release()
  }
}

/** The migrations of a folder in the order in which they are applied; files of other names are no migrations. */
export async function listMigrations(folder: string): Promise<Migration[]> {
  const files = await readdir(folder).catch((error: unknown) => {
    throw new StartError(
      `No migrations can be read from ${folder} (${errorCode(error)}): check MIGRATIONS_DIR.`,
    )
  })
  const migrations: Migration[] = []
  for (const file of files.sort()) {
    const [, version, name] = /^(\d+)_(.*)\.sql$/.exec(file) ?? []
    if (!version || name === undefined) continue
    const twin = migrations.find((migration) => migration.version === version)
    if (twin) throw new StartError(`${twin.file} and ${file} have the same version: rename one of them.`)
    migrations.push({ file, version, name })
  }
  return migrations
}

/**
 * Refuses a database that a newer release has migrated: code that does not know its tables would damage them.
 * `whose` begins the sentence.
 */
export function checkKnown(applied: string[], known: Migration[], whose: string): void {
  const newest = known.at(-1)?.version ?? ''
  const unknown = applied.filter((version) => version > newest)
  if (unknown.length === 0) return
  const more = unknown.length > 3 ? ` and ${unknown.length - 3} more` : ''
  throw new StartError(
    `${whose}: this one does not know its migrations ${unknown.slice(0, 3).join(', ')}${more}. Start that release, or restore a backup that was made before the upgrade.`,
  )
}

/** Versions of the migrations that a database has, in order. */
export async function listApplied(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql<{ version: string }[]>`
    select version from supabase_migrations.schema_migrations order by version`.catch((error: unknown) => {
    if (errorCode(error) === '42P01') return []
    throw error
  })
  return rows.map(({ version }) => version)
}

async function apply(session: postgres.ReservedSql, folder: string, migration: Migration): Promise<void> {
  const path = join(folder, migration.file)
  // A file that opens and closes a transaction itself means the one it gets here.
  const statements = splitStatements(await readFile(path, 'utf8')).filter(
    ({ text }) => !/^(begin|commit|start\s+transaction)(\s+(work|transaction))?$/i.test(text),
  )
  await session`begin`
  try {
    for (const statement of statements) await run(session, path, statement)
    await session`insert into supabase_migrations.schema_migrations (version, name, statements)
      values (${migration.version}, ${migration.name}, ${statements.map(({ text }) => text)})`
    await session`commit`
  } catch (error) {
    await session`rollback`.catch(() => {})
    throw error
  }
  // A migration may change settings of the session; the next one starts from the role's own.
  await session`reset all`
}

async function run(session: postgres.ReservedSql, path: string, { text, line }: Statement): Promise<void> {
  try {
    await session.unsafe(text).simple()
  } catch (error) {
    if (!(error instanceof postgres.PostgresError)) throw error
    const at = error.position ? text.slice(0, Number(error.position) - 1).split('\n').length - 1 : 0
    const hints = [error.detail, error.hint].filter(Boolean).map((hint) => ` ${hint}`)
    throw new StartError(
      `${path}:${line + at}: ${error.message} (${error.code}).${hints.join('')} Nothing of this file was applied. Statement: ${summary(text)}`,
    )
  }
}

function summary(text: string): string {
  const flat = text.replace(/\s+/g, ' ')
  return flat.length > 200 ? `${flat.slice(0, 200)}…` : flat
}
