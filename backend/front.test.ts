import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Front, startFront } from './front'
import { isAlive } from './postgres/postmaster'

let folder: string
let front: Front | undefined

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ec-front-'))
})
afterEach(async () => {
  await front?.stop()
  await rm(folder, { recursive: true, force: true })
})

async function start(code: string, env: Record<string, string> = {}) {
  const script = join(folder, 'server.mjs')
  await writeFile(script, code)
  const state: { origin?: string | undefined } = {}
  const onChange = (origin: string | undefined) => {
    state.origin = origin
  }
  front = startFront({ command: [script, 'argument'], env, log: pino({ level: 'silent' }), onChange })
  return state
}

const server = `
  import { createServer } from 'node:http'
  process.on('disconnect', () => process.exit(0))
  createServer((request, response) => response.end(JSON.stringify({ pid: process.pid, env: process.env })))
    .listen(process.env.PORT, process.env.HOSTNAME)
`
const ask = async (origin: string | undefined) => (await fetch(`${origin}/`)).json()

test('it serves on a loopback port and gets no secrets but what it is given', async () => {
  process.env.JWT_SECRET = 'for nobody else'
  const state = await start(server, { SUPABASE_SERVICE_ROLE_KEY: 'sb_secret_for_it', PORT: '1' })
  await front?.answers
  expect(state.origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  const { env } = await ask(state.origin)
  delete process.env.JWT_SECRET
  expect(env.JWT_SECRET).toBeUndefined()
  expect(env.NEXT_TELEMETRY_DISABLED).toBe('1')
  expect(env.SUPABASE_SERVICE_ROLE_KEY).toBe('sb_secret_for_it')
})

test('it is started again when it dies, and is gone after stop', async () => {
  const state = await start(server)
  await front?.answers
  const { pid } = await ask(state.origin)
  process.kill(pid, 'SIGKILL')
  await expect.poll(() => state.origin, { timeout: 10_000, interval: 5 }).toBeUndefined()
  await expect.poll(() => state.origin, { timeout: 10_000 }).toBeDefined()
  const next = await ask(state.origin)
  expect(next.pid).not.toBe(pid)
  await front?.stop()
  await expect.poll(() => isAlive(next.pid)).toBe(false)
})

test('one that never gets up does not keep stop waiting', async () => {
  const state = await start('process.exit(1)')
  await front?.stop()
  expect(state.origin).toBeUndefined()
})
