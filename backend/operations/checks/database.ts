import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { lockHolder } from '../../lock'
import { major } from '../../postgres/cluster'
import { checkKnown, listApplied, listMigrations } from '../../postgres/migrate'
import type { Settings } from '../../settings'
import { size } from '../say'
import { withDatabase } from '../with-database'
import { error, type Finding, ok, warning } from './finding'

/** Version of the data, and what keeps WAL from being removed. A server that is not running is not started. */
export async function checkDatabase(settings: Settings): Promise<Finding> {
  const { dataDir, databaseUrl, supabaseUrl } = settings
  if (supabaseUrl || databaseUrl) return ok('run by somebody else')
  const version = await readFile(join(dataDir, 'postgres', 'PG_VERSION'), 'utf8').catch(() => undefined)
  if (version === undefined) return ok('not made yet')
  if (Number.parseInt(version, 10) !== major) {
    return error(
      `the data is of PostgreSQL ${version.trim()}, this release has ${major}: start the release that made it.`,
    )
  }
  if (!(await lockHolder(dataDir))) return ok(`${major}, not running`)
  return withDatabase(settings, async ({ admin }) => {
    const [state] = await admin<{ version: string; kept: number; lost: string[]; used: number }[]>`
      select current_setting('server_version') as version,
        coalesce((select max(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) from pg_replication_slots), 0)::float8 as kept,
        array(select slot_name::text from pg_replication_slots where wal_status = 'lost') as lost,
        (select count(*)::float8 / current_setting('max_connections')::int from pg_stat_activity) as used`
    if (!state) return error('it does not answer.')
    if (state.lost.length > 0)
      return error(`the slot ${state.lost.join(', ')} lost its WAL: restart the server.`)
    if (state.used > 0.9)
      return warning('nearly all connections are in use: see who holds them in pg_stat_activity.')
    const text = `${state.version}, ${size(state.kept)} of WAL kept for readers`
    return state.kept > 1_000_000_000
      ? warning(`${text}: one of them does not follow; see the log.`)
      : ok(text)
  })
}

/** Whether the schema is this release's. */
export async function checkMigrations(settings: Settings): Promise<Finding> {
  const { dataDir, databaseUrl, supabaseUrl, migrationsDir } = settings
  const known = await listMigrations(migrationsDir)
  if (supabaseUrl || databaseUrl) return ok(`${known.length} in this release`)
  if (!(await lockHolder(dataDir))) return ok(`${known.length} in this release; compared when it starts`)
  const applied = await withDatabase(settings, ({ admin }) => listApplied(admin))
  checkKnown(applied, known, `${dataDir} was used by a newer release`)
  const pending = known.filter(({ version }) => !applied.includes(version))
  if (pending.length > 0) {
    return warning(
      `${pending.length} are not applied: restart the server, or see "npm run upgrade -- --dry-run".`,
    )
  }
  return ok(`all ${known.length} are applied`)
}
