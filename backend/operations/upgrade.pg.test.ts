import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { runVerb } from '../backup/drill'
import { type BackendProcess, spawnBackend } from '../testing/process'

// They wait for disks, and a busy machine is slow, not wrong.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 })

let folder: string
let migrations: string
let env: Record<string, string>
const running: BackendProcess[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ec-upgrade-'))
  await chmod(folder, 0o711)
  migrations = join(folder, 'migrations')
  await mkdir(migrations)
  await writeFile(
    join(migrations, '1_notes.sql'),
    'create table public.notes (id int); insert into public.notes select generate_series(1, 10);',
  )
  env = { DATA_DIR: join(folder, 'data'), MIGRATIONS_DIR: migrations, PORT: '0', HOST: '127.0.0.1' }
})
afterAll(async () => {
  for (const { process: child, exit } of running) {
    child.kill('SIGTERM')
    await exit
  }
  await rm(folder, { recursive: true, force: true })
})

const verb = (name: string, ...args: string[]) => runVerb(name, args, env).ended
function launch(): BackendProcess {
  const backend = spawnBackend(env)
  running.push(backend)
  return backend
}

test('G14: an upgrade is rehearsed beside the running server, refused while that runs, then done after a backup; a downgrade is refused', async () => {
  expect(await verb('upgrade', '--dry-run')).toMatchObject({
    code: 1,
    output: expect.stringContaining('run "npm run backup" first'),
  })
  expect(await verb('backup')).toMatchObject({
    code: 1,
    output: expect.stringContaining('no installation in'),
  })
  const first = launch()
  const url = await first.ready
  expect(url).toMatch(/^http/)
  env.PORT = new URL(url ?? '').port

  const backup = await verb('backup')
  expect(backup).toMatchObject({ code: 0, output: expect.stringContaining('on the disk of the database') })
  const well = await verb('doctor')
  expect(well).toMatchObject({ code: 0, output: expect.stringMatching(/ok +migrations +all 1 are applied/) })
  expect(well.output).toMatch(/ok +PostgreSQL +18\.\d/)

  // The next release.
  const next = join(migrations, '2_titles.sql')
  await writeFile(
    next,
    'create table public.titles (id int); insert into public.titles select id from public.notes where id > 7; delete from public.notes where id > 7;',
  )
  const rehearsed = await verb('upgrade', '--dry-run')
  expect(rehearsed.code, rehearsed.output).toBe(0)
  expect(rehearsed.output).toMatch(/Migrations: 2\n/)
  expect(rehearsed.output).toMatch(/public\.notes: 10 rows → 7 rows\n/)
  expect(rehearsed.output).toMatch(/public\.titles: not there → 3 rows\n/)
  expect(rehearsed.output).toContain('Settings of PostgreSQL: no change.')
  expect((await fetch(`${url}/api/health`)).status).toBe(200)
  expect((await readdir(tmpdir())).filter((name) => name.startsWith('enterprise-chat-upgrade-'))).toEqual([])
  expect((await verb('doctor')).output).toMatch(/WARNING +migrations +1 are not applied/)
  expect(await verb('upgrade')).toMatchObject({ code: 1, output: expect.stringContaining('stop it first') })

  first.process.kill('SIGTERM')
  await first.exit
  const before = await readdir(join(folder, 'data/backups'))
  const done = await verb('upgrade')
  expect(done.code, done.output).toBe(0)
  expect(done.output).toMatch(/Backup before the upgrade:[\s\S]*Migrations: 2\n[\s\S]*Upgraded\./)
  expect(await readdir(join(folder, 'data/backups'))).toHaveLength(before.length + 1)

  // The release before.
  await rm(next)
  const refused = launch()
  expect(await refused.exit).toBe(1)
  expect(refused.output()).toMatch(/was used by a newer release: this one does not know its migrations 2\./)
  expect(refused.output()).not.toMatch(/\n\s+at /)
  expect((await verb('upgrade')).output).toMatch(/was used by a newer release/)
})
