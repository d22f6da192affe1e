import { chmod, mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type postgres from 'postgres'
import { removeDataFolder } from '../backup/data-files'
import { restoreBackup } from '../backup/restore'
import { listBackups } from '../backup/retention'
import { lockFolder, lockHolder } from '../lock'
import { createLogger } from '../log'
import { serverConfiguration } from '../postgres/configuration'
import { listApplied } from '../postgres/migrate'
import { openPreparedDatabase } from '../postgres/open'
import { loadSecrets } from '../secrets'
import type { Settings } from '../settings'
import { StartError } from '../start-error'
import { backUp } from './backup'
import { refuseForeign, withDatabase } from './with-database'

/** `npm run upgrade`: a backup, then the migrations of this release. With `--dry-run`: on a copy, to see what changes. */
export async function upgrade(settings: Settings, dryRun: boolean): Promise<string[]> {
  refuseForeign(settings)
  return dryRun ? rehearse(settings) : perform(settings)
}

async function perform(settings: Settings): Promise<string[]> {
  const { dataDir } = settings
  const holder = await lockHolder(dataDir)
  if (holder) {
    throw new StartError(
      `${dataDir} is in use (process ${holder}): stop it first. To see what would change without stopping it, add "-- --dry-run".`,
    )
  }
  const lines = ['Backup before the upgrade:', ...(await backUp(settings, undefined))]
  const release = await lockFolder(dataDir)
  try {
    const { before, after } = await migrateCopy(settings)
    return [...lines, '', ...describe(before, after), '', 'Upgraded. Start it with "npm start".']
  } finally {
    await release()
  }
}

/** The newest backup, migrated in a folder of its own: the installation goes on meanwhile and is not touched. */
async function rehearse(settings: Settings): Promise<string[]> {
  const folders = [settings.backup.dir, join(settings.dataDir, 'backups')].filter(
    (each) => each !== undefined,
  )
  const found = (await Promise.all(folders.map(listBackups))).flat()
  const [newest] = found.sort((a, b) => b.at.getTime() - a.at.getTime())
  if (!newest)
    throw new StartError(`There is no backup in ${folders.join(' or ')}: run "npm run backup" first.`)
  const dataDir = await mkdtemp(join(tmpdir(), 'enterprise-chat-upgrade-'))
  // Root's own folders are closed to the user that PostgreSQL runs as; what is in this one has its own permissions.
  if (process.getuid?.() === 0) await chmod(dataDir, 0o711)
  try {
    await restoreBackup({
      file: newest.file,
      dataDir,
      migrationsDir: settings.migrationsDir,
      ...(settings.backup.dir ? { backupDirs: [settings.backup.dir] } : {}),
    })
    // Its socket is in its own folder and it listens on no port: the two cannot be mixed up.
    const { databasePort: _, ...own } = settings
    const { before, after } = await migrateCopy({ ...own, dataDir })
    const conf = await configurationChanges(settings.dataDir)
    return [
      `Rehearsed on a copy of ${newest.file}; the installation was not touched.`,
      ...describe(before, after),
      ...(conf.length > 0
        ? ['Settings of PostgreSQL that change:', ...conf]
        : ['Settings of PostgreSQL: no change.']),
      'The upgrade works on this data. Stop the installation and run "npm run upgrade".',
    ]
  } finally {
    await removeDataFolder(dataDir)
  }
}

type State = { migrations: string[]; tables: Map<string, number> }

async function migrateCopy(settings: Settings): Promise<{ before: State; after: State }> {
  const before = await readState(settings)
  const secrets = await loadSecrets(settings.dataDir, settings.jwtSecret)
  const database = await openPreparedDatabase(settings, secrets, createLogger('error'))
  try {
    return { before, after: await look(database.admin) }
  } finally {
    await database.stop()
  }
}

/** In a data folder that is locked by us, or that nobody else knows. */
async function readState(settings: Settings): Promise<State> {
  return withDatabase(settings, ({ admin }) => look(admin), { locked: true })
}

async function look(admin: postgres.Sql): Promise<State> {
  const tables = await admin<{ name: string }[]>`
    select format('%I.%I', n.nspname, c.relname) as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname !~ '^(pg_|information_schema)' and not c.relispartition
    order by 1`
  const counts = new Map<string, number>()
  for (const { name } of tables) {
    const [row] = await admin.unsafe<{ count: number }[]>(`select count(*)::float8 as count from ${name}`)
    counts.set(name, row?.count ?? 0)
  }
  return { migrations: await listApplied(admin), tables: counts }
}

function describe(before: State, after: State): string[] {
  const migrations = after.migrations.filter((version) => !before.migrations.includes(version))
  const lines = [`Migrations: ${migrations.length === 0 ? 'none is new' : migrations.join(', ')}`]
  const names = [...new Set([...before.tables.keys(), ...after.tables.keys()])].sort()
  const changed = names.filter((name) => before.tables.get(name) !== after.tables.get(name))
  const count = (value: number | undefined) => (value === undefined ? 'not there' : `${value} rows`)
  for (const name of changed) {
    lines.push(`  ${name}: ${count(before.tables.get(name))} → ${count(after.tables.get(name))}`)
  }
  const rows = [...after.tables.values()].reduce((sum, each) => sum + each, 0)
  return [...lines, `Tables: ${after.tables.size} with ${rows} rows, ${changed.length} of them changed`]
}

async function configurationChanges(dataDir: string): Promise<string[]> {
  const path = join(dataDir, 'postgres', 'postgresql.conf')
  const old = (await readFile(path, 'utf8').catch(() => '')).split('\n')
  const next = serverConfiguration({}).split('\n')
  return [
    ...old.filter((line) => !next.includes(line)).map((line) => `  - ${line}`),
    ...next.filter((line) => !old.includes(line)).map((line) => `  + ${line}`),
  ]
}
