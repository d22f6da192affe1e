import { randomUUID } from 'node:crypto'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createClient } from '@supabase/supabase-js'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import WebSocket from 'ws'
import { type BackendProcess, spawnBackend } from '../testing/process'
import { startTestServer } from '../testing/server'

// They wait for disks, and a busy machine is slow, not wrong.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

let folder: string
let backend: BackendProcess
let url: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ec-running-'))
  await chmod(folder, 0o711)
  const recorder = fileURLToPath(new URL('../testing/record-connections.mjs', import.meta.url))
  backend = spawnBackend({
    DATA_DIR: join(folder, 'data'),
    BACKUP_DIR: join(folder, 'backups'),
    BACKUP_WAL_SECONDS: '5',
    LOG_LEVEL: 'trace',
    NODE_OPTIONS: `--import ${recorder}`,
    CONNECTIONS_FILE: join(folder, 'connections.txt'),
  })
  url = (await backend.ready) ?? ''
})
afterAll(async () => {
  backend?.process.kill('SIGTERM')
  await backend?.exit
  await rm(folder, { recursive: true, force: true })
})

const options = { auth: { persistSession: false }, realtime: { transport: WebSocket as never } }
const body = 'a sentence that nobody else may read'
const password = 'correct horse battery'

async function live() {
  const { supabaseKey } = await (await fetch(`${url}/api/config`)).json()
  const client = createClient(url, supabaseKey, options)
  const email = `${randomUUID()}@example.org`
  const { data, error } = await client.auth.signUp({ email, password })
  expect(error).toBeNull()
  await client.auth.signInWithPassword({ email, password: 'a wrong password' })
  const slug = `w-${randomUUID().slice(0, 8)}`
  const made = await client.rpc('create_workspace', { name: 'Acme', slug })
  expect(made.error).toBeNull()
  const channels = await client.from('channels').select('id').limit(1)
  const channel_id = channels.data?.[0]?.id
  const sent = await client.from('messages').insert({ id: uuidv7(), channel_id, body })
  expect(sent.error).toBeNull()
  // What PostgreSQL refuses is where bodies would leak into a log: with its details.
  const refused = await client.from('messages').insert({ id: uuidv7(), channel_id: randomUUID(), body })
  expect(refused.error).not.toBeNull()
  await client.storage.from('nowhere').upload('x', new Blob([body]))
  const heard = new Promise((resolve) => client.channel('x').subscribe(resolve))
  await heard
  await client.removeAllChannels()
  return { email, token: data.session?.access_token ?? '', refresh: data.session?.refresh_token ?? '' }
}

test('the log is JSON and holds no body, password, token or key; nothing is reached but this machine', async () => {
  const { token, refresh } = await live()
  await expect.poll(() => backend.output(), { timeout: 60_000 }).toContain('backup: made and verified')
  const lines = backend
    .output()
    .split('\n')
    .filter((line) => line && !/^(Building|Waiting|The backend is ready)/.test(line))
  expect(lines.length).toBeGreaterThan(5)
  for (const line of lines)
    expect(JSON.parse(line)).toMatchObject({ level: expect.any(String), time: expect.any(String) })
  const secrets = JSON.parse(await readFile(join(folder, 'data/secrets.json'), 'utf8'))
  const { secretKey, jwtSecret, passwords } = secrets
  const hidden = {
    body,
    password,
    wrong: 'a wrong password',
    token,
    refresh,
    secretKey,
    jwtSecret,
    ...passwords,
  }
  const all = backend.output()
  expect(
    Object.entries(hidden).flatMap(([name, text]) => (all.includes(text as string) ? [name] : [])),
  ).toEqual([])

  const connections = (await readFile(join(folder, 'connections.txt'), 'utf8')).trim().split('\n')
  expect(connections.length).toBeGreaterThan(3)
  const own =
    /^(connect \/.*|connect (localhost|127\.0\.0\.1|\[?::1\]?):\d+|lookup (localhost|127\.0\.0\.1|::1))$/
  expect(connections.filter((line) => !own.test(line))).toEqual([])
})

test('a stop answers what is under way and says goodbye to sockets', async () => {
  const server = await startTestServer()
  let stopping: Promise<void> | undefined
  try {
    const client = createClient(server.url, server.publishableKey, options)
    await client.auth.signUp({ email: `${randomUUID()}@example.org`, password })
    await client.rpc('create_workspace', { name: 'Acme', slug: `w-${randomUUID().slice(0, 8)}` })
    const { data } = await client.from('channels').select('id').limit(1)
    const channel_id = data?.[0]?.id
    const socket = new WebSocket(
      `${server.url.replace('http', 'ws')}/realtime/v1/websocket?apikey=${server.publishableKey}&vsn=1.0.0`,
    )
    const frames: string[] = []
    socket.on('message', (data) => frames.push(String(data)))
    const closed = new Promise<number>((resolve) => socket.once('close', resolve))
    await new Promise((resolve) => socket.once('open', resolve))
    socket.send(JSON.stringify({ topic: 'realtime:x', event: 'phx_join', payload: { config: {} }, ref: '1' }))
    await expect.poll(() => frames.join()).toContain('"status":"ok"')

    // Somebody holds the row that every send of this channel needs.
    let letGo = () => {}
    const released = new Promise<void>((resolve) => {
      letGo = resolve
    })
    let held = false
    const holding = server.database.admin.begin(async (sql) => {
      await sql`select 1 from public.channel_heads where channel_id = ${channel_id} for update`
      held = true
      await released
    })
    await expect.poll(() => held).toBe(true)
    const id = uuidv7()
    const sent = client
      .from('messages')
      .insert({ id, channel_id, body })
      .then((answer) => answer)
    const waiting = () =>
      server.database.admin`select pid from pg_stat_activity where wait_event_type = 'Lock'`
    await expect.poll(waiting).toHaveLength(1)
    stopping = server.stop()
    expect(await closed).toBe(1012)
    expect(frames.join()).toContain('Server requested disconnect')
    letGo()
    await holding
    expect((await sent).status).toBe(201)
    await stopping
  } finally {
    await (stopping ?? server.stop())
  }
})
