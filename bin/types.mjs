#!/usr/bin/env node
// npm run types: writes what is generated from the migrations, the types of the database and the schema to read.
// With --check it writes nothing and fails when a file is stale.
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { register } from 'tsx/esm/api'
import { dumpSchema } from './schema-dump.mjs'

register()
const run = promisify(execFile)
const require = createRequire(import.meta.url)
const root = fileURLToPath(new URL('..', import.meta.url))

const { startTestDatabase } = await import('../backend/testing/server.ts')
const database = await startTestDatabase({ migrationsDir: `${root}supabase/migrations` })
// Without a search path the catalogue writes every name in full.
const sql = database.connect('postgres', { max: 1, connection: { search_path: '' } })
try {
  const generated = {
    'lib/supabase/database.types.ts': await databaseTypes(database.url()),
    'supabase/schema.sql': await dumpSchema(sql),
  }
  const stale = []
  for (const [file, text] of Object.entries(generated)) {
    if ((await readFile(root + file, 'utf8').catch(() => '')) === text) continue
    stale.push(file)
    if (!process.argv.includes('--check')) await writeFile(root + file, text)
  }
  if (process.argv.includes('--check') && stale.length > 0) {
    console.error(`Stale: ${stale.join(', ')}. Run: npm run types`)
    process.exitCode = 1
  } else {
    console.log(stale.length > 0 ? `Wrote ${stale.join(', ')}` : 'Types and schema are fresh')
  }
} finally {
  await sql.end()
  await database.stop()
}

/** The CLI's types as Biome writes code; the CLI itself leaves them unformatted. */
async function databaseTypes(url) {
  const cli = require.resolve('supabase/dist/supabase.js')
  const { stdout } = await run(
    process.execPath,
    [cli, 'gen', 'types', '--lang=typescript', '--schema=public', `--remote=${url}`],
    {
      cwd: root,
      maxBuffer: 1 << 26,
      env: { ...process.env, SUPABASE_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' },
    },
  )
  const start = stdout.indexOf('export type Json')
  if (start < 0) throw new Error(`supabase gen types answered:\n${stdout}`)
  return await format(`// Made by npm run types from supabase/migrations.\n\n${stdout.slice(start)}`)
}

async function format(text) {
  const biome = run(
    process.execPath,
    [require.resolve('@biomejs/biome/bin/biome'), 'format', '--stdin-file-path=generated.ts'],
    {
      cwd: root,
      maxBuffer: 1 << 26,
    },
  )
  biome.child.stdin.end(text)
  return (await biome).stdout
}
