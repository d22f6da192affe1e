// npm run move-to-supabase [-- --dry-run --batch N]: brings a running installation to a Supabase project: migrations, people
// with their passwords and sign-in providers, all rows, all files. Interrupted, it goes on when it is started again. docs/supabase.md
import { parseArgs } from 'node:util'
import { ensureBackend } from './lib/build.mjs'
import { connectTo, databaseUrl, secretKey, signingKey } from './lib/database.mjs'
import { ensureInstalled, fail, inProject } from './lib/project.mjs'
import { checkTarget } from './move/check-target.mjs'
import { moveConnections } from './move/connections.mjs'
import { compareFiles, moveFiles } from './move/files.mjs'
import { digest, moveTable, same } from './move/rows.mjs'
import { listTables, moveSequences } from './move/tables.mjs'

ensureInstalled()
const { dryRun, batch } = readOptions()
const env = readEnvironment()
const { migrate, listMigrations, sealOfProviders } = await import(await ensureBackend())
// Texts of rows are compared: both sides have to write them alike.
const alike = {
  TimeZone: 'UTC',
  DateStyle: 'ISO',
  IntervalStyle: 'postgres',
  extra_float_digits: '1',
  bytea_output: 'hex',
}
const open = (url, what) =>
  connectTo(url, { max: 2, connect_timeout: 20, connection: alike }).catch((error) =>
    fail(`The ${what} cannot be reached: ${error.message}`),
  )
const source = await open(env.sourceDatabase, 'database of this installation')
const target = await open(env.targetDatabase, "project's database (TARGET_DATABASE_URL)")
let failed = null
try {
  await move()
} catch (error) {
  failed = error
} finally {
  await Promise.all([source.end({ timeout: 5 }), target.end({ timeout: 5 })])
}
if (failed) fail(`${failed.message}\nWhat has arrived stays there; start the move again to go on.`)

async function move() {
  const pending = await pendingMigrations()
  console.log(`Migrations: ${pending.length === 0 ? 'all there' : `${pending.length} to apply`}`)
  if (pending.length > 0 && dryRun) {
    const tables = await listTables(source, source)
    const counts = await Promise.all(tables.map(async (table) => Number((await digest(source, table)).rows)))
    console.log(
      `Would move ${counts.reduce((sum, count) => sum + count, 0)} rows of ${tables.length} tables.`,
    )
    sayFiles(await moveFiles({ ...both(), target: null, say: () => {} }))
    await connections()
    return
  }
  if (pending.length > 0) await applyMigrations()
  await checkTarget(source, target)
  const tables = await listTables(source, target)
  let moved = 0
  for (const table of tables) {
    const result = await moveTable({ source, target, table, batch, dryRun, say: console.log })
    moved += result.moved
  }
  if (!dryRun) await moveSequences(source, target)
  console.log(`Rows: ${moved} ${dryRun ? 'to move' : 'moved'}, of ${tables.length} tables`)
  sayFiles(await moveFiles({ ...both(), say: console.log }))
  const byHand = await connections()
  if (!dryRun) await verify(tables)
  for (const line of dryRun ? [] : byHand) console.log(line)
}

/** Sign-in providers, and what is left for people to do: said at once in a dry run, at the end otherwise. */
async function connections() {
  const key = signingKey()
  const open = key && sealOfProviders(key).open
  const { all, moved, byHand } = await moveConnections({ ...both(), open, say: console.log })
  console.log(`Sign-in providers: ${moved} ${dryRun ? 'to move' : 'moved'}, of ${all}`)
  const lines = byHand.length > 0 ? ['To do by hand:', ...byHand.map((line) => `  ${line}`)] : []
  if (dryRun) for (const line of lines) console.log(line)
  return lines
}

function both() {
  return { source, target, from: env.from, to: env.to, dryRun }
}

function sayFiles({ files, moved, bytes }) {
  console.log(`Files: ${moved} ${dryRun ? 'to move' : 'moved'}, of ${files} (${(bytes / 1e6).toFixed(1)} MB)`)
}

/** Everything once more, now that nothing is copied any more. */
async function verify(tables) {
  const wrong = []
  let rows = 0
  for (const table of tables) {
    const [here, there] = await Promise.all([digest(source, table), digest(target, table)])
    rows += Number(there.rows)
    if (!same(here, there))
      wrong.push(`${table.name}: ${here.rows} rows here, ${there.rows} there, or others`)
  }
  const files = await compareFiles(both())
  wrong.push(...files.wrong.map((name) => `file ${name}`))
  if (wrong.length > 0) {
    throw new Error(
      `Not equal:\n${wrong.map((line) => `  ${line}`).join('\n')}\nDid somebody write meanwhile?`,
    )
  }
  console.log(
    `Verified: ${rows} rows of ${tables.length} tables and ${files.files} files are equal, by count and checksum.`,
  )
}

async function applyMigrations() {
  const sql = await connectTo(env.targetDatabase)
  await migrate(sql, inProject('supabase/migrations')).finally(() => sql.end())
}

async function pendingMigrations() {
  const all = await listMigrations(inProject('supabase/migrations'))
  const [{ known }] =
    await target`select to_regclass('supabase_migrations.schema_migrations') is not null as known`
  const rows = known ? await target`select version from supabase_migrations.schema_migrations` : []
  const done = new Set(rows.map(({ version }) => version))
  return all.filter(({ version }) => !done.has(version))
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: { 'dry-run': { type: 'boolean' }, batch: { type: 'string', default: '5000' } },
    })
    const batch = Number(values.batch)
    if (!Number.isInteger(batch) || batch < 1) throw new Error('--batch is a number of rows.')
    return { dryRun: Boolean(values['dry-run']), batch }
  } catch (error) {
    fail(`${error.message} Usage: npm run move-to-supabase -- [--dry-run] [--batch 5000]`)
  }
}

function readEnvironment() {
  // Reads .env as well.
  const sourceDatabase = databaseUrl()
  const { TARGET_DATABASE_URL, TARGET_SUPABASE_URL, TARGET_SECRET_KEY, PORT } = process.env
  const wrong = []
  if (!sourceDatabase)
    wrong.push('There is no installation here: set DATA_DIR to its data folder, and start it.')
  if (!TARGET_DATABASE_URL)
    wrong.push(
      'TARGET_DATABASE_URL is missing: the project’s connection string, not the transaction pooler’s.',
    )
  if (!TARGET_SUPABASE_URL) wrong.push('TARGET_SUPABASE_URL is missing: the project’s address.')
  if (!TARGET_SECRET_KEY) wrong.push('TARGET_SECRET_KEY is missing: a secret key of the project.')
  if (TARGET_DATABASE_URL && TARGET_DATABASE_URL === sourceDatabase)
    wrong.push('Source and target are the same database.')
  if (wrong.length > 0) fail(wrong.join('\n'))
  const trim = (url) => url.replace(/\/+$/, '')
  const secret = process.env.SOURCE_SECRET_KEY || secretKey()
  if (!secret) fail('SOURCE_SECRET_KEY is missing: the secret key of this installation.')
  return {
    sourceDatabase,
    targetDatabase: TARGET_DATABASE_URL,
    from: { url: trim(process.env.SOURCE_URL || `http://127.0.0.1:${PORT || 3000}`), key: secret },
    to: { url: trim(TARGET_SUPABASE_URL), key: TARGET_SECRET_KEY },
  }
}
