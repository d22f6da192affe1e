import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { waitForExit } from './postgres/postmaster'
import { type BackendProcess, killEverything, spawnBackend } from './testing/process'

// Each test starts whole installations, some of them twice.
vi.setConfig({ testTimeout: 90_000 })

let folder: string
let migrations: string
let running: BackendProcess[]

beforeEach(async () => {
  running = []
  folder = await mkdtemp(join(tmpdir(), 'ec-main-'))
  await chmod(folder, 0o711)
  migrations = join(folder, 'migrations')
  await mkdir(migrations)
  await writeFile(join(migrations, '1_notes.sql'), 'create table public.notes (id int);')
})
afterEach(async () => {
  for (const { process: child, exit } of running) {
    child.kill('SIGTERM')
    await exit
  }
  await rm(folder, { recursive: true, force: true })
})

function launch(env: Record<string, string> = {}): BackendProcess {
  const backend = spawnBackend({ DATA_DIR: join(folder, 'data'), MIGRATIONS_DIR: migrations, ...env })
  running.push(backend)
  return backend
}

async function ends(backend: BackendProcess): Promise<{ code: number | null; output: string }> {
  const code = await backend.exit
  const output = backend.output().replace(/^(Building|Waiting).*\n/gm, '')
  return { code, output: output.trim() }
}

const postmasterPid = async () =>
  Number.parseInt(await readFile(join(folder, 'data/postgres/postmaster.pid'), 'utf8'), 10)

test('it starts in an empty folder, stops cleanly on SIGTERM and starts again with the same keys', async () => {
  const first = launch()
  const url = await first.ready
  const health = await fetch(`${url}/api/health`)
  expect(await health.json()).toMatchObject({ status: 'ok' })
  const { supabaseKey } = await (await fetch(`${url}/api/config`)).json()
  const pid = await postmasterPid()
  first.process.kill('SIGTERM')
  expect((await ends(first)).code).toBe(0)
  // It takes its lock file away just before it ends.
  expect(await waitForExit(pid, 20_000)).toBe(true)
  const second = launch()
  const config = await (await fetch(`${await second.ready}/api/config`)).json()
  expect(config.supabaseKey).toBe(supabaseKey)
  const secrets = JSON.parse(await readFile(join(folder, 'data/secrets.json'), 'utf8'))
  expect(secrets).toMatchObject({
    publishableKey: supabaseKey,
    databaseUrl: expect.stringMatching(/^postgresql:/),
  })
})

test('a second start on the same folder says so and ends', async () => {
  const first = launch()
  const url = await first.ready
  const { code, output } = await ends(launch())
  const place = join(folder, 'data')
  const [waited = '', refused] = output.split('\n')
  expect(JSON.parse(waited)).toMatchObject({
    process: first.process.pid,
    msg: `Waiting for an earlier process to end: it still has ${place}`,
  })
  expect(refused).toBe(
    `Already running on ${place} (process ${first.process.pid}): stop it first, or set DATA_DIR to another folder.`,
  )
  expect(code).toBe(1)
  expect((await fetch(`${url}/api/health`)).status).toBe(200)
})

test('after kill -9 the database stops by itself and the next start works at once', async () => {
  const first = launch()
  await first.ready
  const pid = await postmasterPid()
  first.process.kill('SIGKILL')
  await first.exit
  const second = launch()
  expect(await second.ready).toMatch(/^http:/)
  // It takes its lock file away just before it ends.
  expect(await waitForExit(pid, 20_000)).toBe(true)
  second.process.kill('SIGKILL')
  await second.exit
  expect(await waitForExit(await postmasterPid().catch(() => 0), 20_000)).toBe(true)
})

test('a start in the same instant as kill -9 of everything, or as a stop, works without another try', async () => {
  let backend = launch()
  for (const end of [killEverything, killEverything, process.kill]) {
    expect(await backend.ready, backend.output()).toMatch(/^http:/)
    end(backend.process.pid as number)
    // Nobody waits for their end.
    backend = launch()
  }
  const url = await backend.ready
  expect(url, backend.output()).toMatch(/^http:/)
  expect((await fetch(`${url}/api/health`)).status).toBe(200)
})

test('while the database is away requests get 503 and a time to try again; then it is back', async () => {
  const backend = launch()
  const url = await backend.ready
  const { supabaseKey } = await (await fetch(`${url}/api/config`)).json()
  const ask = async () => {
    const response = await fetch(`${url}/rest/v1/notes`, { headers: { apikey: supabaseKey } })
    const retryAfter = response.headers.get('retry-after')
    return { status: response.status, body: await response.json(), retryAfter }
  }
  expect(await ask()).toMatchObject({ status: 200, body: [] })
  const cluster = join(folder, 'data/postgres')
  const pid = await postmasterPid()
  await rename(cluster, `${cluster}.away`)
  process.kill(pid, 'SIGKILL')
  await expect.poll(ask, { timeout: 20_000 }).toEqual({
    status: 503,
    body: { code: 'PGRST001', message: expect.any(String), details: null, hint: null },
    retryAfter: expect.stringMatching(/^\d+$/),
  })
  const health = await fetch(`${url}/api/health`)
  expect([health.status, await health.json()]).toMatchObject([503, { parts: { database: 'away' } }])
  expect((await fetch(`${url}/api/health/live`)).status).toBe(200)
  await rename(`${cluster}.away`, cluster)
  await expect.poll(ask, { timeout: 30_000 }).toMatchObject({ status: 200 })
  expect(backend.process.exitCode).toBeNull()
  expect(backend.output()).not.toMatch(/nobody noticed/)
})

test('a port in use is told before anything is made', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  const { code, output } = await ends(launch({ PORT: String(port) }))
  server.close()
  expect({ code, output }).toEqual({
    code: 1,
    output: `Port ${port} is in use: stop what uses it, or choose another PORT.`,
  })
  await expect(stat(join(folder, 'data/postgres'))).rejects.toThrow()
})

test.each([
  [{ PORT: 'abc', JWT_SECRET: 'x' }, /PORT: must be .*\n.*JWT_SECRET: must have/],
  [{ HOST: '203.0.113.7' }, /HOST 203\.0\.113\.7 is not an address of this machine/],
  [{ MIGRATIONS_DIR: '/nowhere' }, /No migrations can be read from \/nowhere/],
  [{ DATA_DIR: '/dev/null/data' }, /DATA_DIR \/dev\/null\/data cannot be used: it is not a folder/],
  [{ DATABASE_URL: 'postgresql://x:y@127.0.0.1:1/z' }, /DATABASE_URL: no connection to 127\.0\.0\.1/],
])('%o is refused with the reason and nothing else', async (env, message) => {
  const { code, output } = await ends(launch(env))
  expect(code).toBe(1)
  expect(output).toMatch(message)
  expect(output).not.toMatch(/\n\s+at /)
})

test('a failing migration stops the start with file, line and statement, and the database is stopped', async () => {
  await writeFile(
    join(migrations, '2_wrong.sql'),
    'select 1;\n\nalter table public.notes\n  add column x nonsense;',
  )
  const { code, output } = await ends(launch())
  expect(code).toBe(1)
  expect(output).toMatch(
    /2_wrong\.sql:4: type "nonsense" does not exist \(42704\).*Statement: alter table public\.notes/,
  )
  await expect(postmasterPid()).rejects.toThrow()
})

const asNobody = process.getuid?.() === 0
test.runIf(asNobody)(
  'an ordinary user gets a cluster of their own, and is told of a folder of another',
  async () => {
    const { uid, gid } = numbersOf('nobody')
    const theirs = join(folder, 'theirs')
    await mkdir(theirs, { mode: 0o700 })
    execFileSync('chown', [`${uid}:${gid}`, theirs])
    const start = (dataDir: string) => {
      const backend = spawnBackend({ DATA_DIR: dataDir, MIGRATIONS_DIR: migrations }, { uid, gid })
      running.push(backend)
      return backend
    }
    expect(await start(theirs).ready).toMatch(/^http:/)
    expect((await stat(join(theirs, 'postgres'))).uid).toBe(uid)
    const foreign = join(folder, 'foreign')
    await mkdir(foreign, { mode: 0o755 })
    expect(await ends(start(foreign))).toEqual({
      code: 1,
      output: `DATA_DIR ${foreign} cannot be used: it belongs to another user (uid 0); start as that user.`,
    })
  },
)

function numbersOf(user: string): { uid: number; gid: number } {
  const ask = (flag: string) => Number(execFileSync('id', [flag, user]).toString())
  return { uid: ask('-u'), gid: ask('-g') }
}

test('ends in order when nobody reads any more what it says', async () => {
  const backend = launch()
  expect(await backend.ready).toBeDefined()
  backend.process.stdout?.destroy()
  backend.process.stderr?.destroy()
  backend.process.kill('SIGTERM')
  expect(await backend.exit).toBe(0)
})
