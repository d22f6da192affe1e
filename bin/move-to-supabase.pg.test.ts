import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createClient, type SupabaseClient } from '@supabase/supabase-js'
import type postgres from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { enroll } from '../backend/conformance/totp-client'
import { type BackendProcess, spawnBackend } from '../backend/testing/process'
import { startTestServer, type TestServer } from '../backend/testing/server'
import { connectTo } from './lib/database.mjs'

// From a running installation to what stands in for a Supabase project: a backend with a folder of its own and the schema of
// a new project, of which the move knows a database URL, an address and a key.

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const PASSWORD = 'correct horse battery'
const EMAIL = 'ada@move.test'

let folder: string
let source: TestServer
let project: BackendProcess
let target: { url: string; key: string; secretKey: string; databaseUrl: string }
let there: postgres.Sql
let app: Awaited<ReturnType<typeof enroll>>
let channelId: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ec-move-'))
  await chmod(folder, 0o711)
  const migrations = join(folder, 'none')
  await mkdir(migrations)
  project = spawnBackend({
    DATA_DIR: join(folder, 'project'),
    MIGRATIONS_DIR: migrations,
    LOG_LEVEL: 'error',
  })
  source = await startTestServer()
  await fillSource()
  const url = await project.ready
  if (!url) throw new Error(project.output())
  const secrets = JSON.parse(await readFile(join(folder, 'project', 'secrets.json'), 'utf8'))
  target = {
    url,
    key: secrets.publishableKey,
    secretKey: secrets.secretKey,
    databaseUrl: secrets.databaseUrl,
  }
  there = await connectTo(target.databaseUrl, { max: 2 })
}, 300_000)
afterAll(async () => {
  await there?.end()
  project?.process.kill('SIGTERM')
  await project?.exit
  await source?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** A lively workspace, and Ada in it with a second factor. */
async function fillSource() {
  const env = { ...process.env, DATABASE_URL: source.database.url() }
  const [code] = await once(spawn(process.execPath, [here('demo.mjs')], { env, stdio: 'ignore' }), 'exit')
  if (code !== 0) throw new Error('The demo failed')
  const ada = clientOf(source.url, source.publishableKey)
  const { data, error } = await ada.auth.signUp({
    email: EMAIL,
    password: PASSWORD,
    options: { data: { display_name: 'Ada' } },
  })
  if (error) throw error
  app = await enroll(ada)
  await ada.auth.mfa.challengeAndVerify({ factorId: app.id, code: app.code() })
  const { admin } = source.database
  const [workspace] = await admin`select id from public.workspaces`
  await admin`insert into public.workspace_members (workspace_id, user_id, role) values (${workspace?.id}, ${data.user?.id ?? ''}, 'member')`
  await admin`select private.join_default_channels(${workspace?.id}, ${data.user?.id ?? ''})`
  const [busiest] = await admin`
    select a.channel_id from private.channel_access a join public.channel_heads h using (channel_id)
    where a.user_id = ${data.user?.id ?? ''} order by h.last_seq desc limit 1`
  channelId = busiest?.channel_id

  const { storage } = clientOf(source.url, source.secretKey)
  await storage.createBucket('exports', { public: false, fileSizeLimit: 1_000_000 })
  for (const [name, bytes] of Object.entries(files)) {
    const { error } = await storage
      .from('exports')
      .upload(name, bytes, { contentType: 'text/plain', cacheControl: '60' })
    if (error) throw error
  }
  await admin`update storage.objects set owner_id = ${data.user?.id ?? ''} where name = 'a/first.txt'`
}

const files = {
  'a/first.txt': Buffer.from('Hello'),
  'b/second page (2).txt': Buffer.alloc(300_000, 'lines and lines\n'),
}

const clientOf = (url: string, key: string): SupabaseClient =>
  createClient(url, key, {
    auth: { persistSession: false, autoRefreshToken: false },
    realtime: { transport: WebSocket as never },
  })

/** Runs the move; `watch` sees its output grow and may end it. */
async function move(args: string[] = [], watch?: (output: string, process: ChildProcess) => void) {
  const child = spawn(process.execPath, [here('move-to-supabase.mjs'), ...args], {
    env: {
      ...process.env,
      DATABASE_URL: source.database.url(),
      SOURCE_URL: source.url,
      SOURCE_SECRET_KEY: source.secretKey,
      TARGET_DATABASE_URL: target.databaseUrl,
      TARGET_SUPABASE_URL: target.url,
      TARGET_SECRET_KEY: target.secretKey,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk
      watch?.(output, child)
    })
  }
  const [code] = await once(child, 'close')
  return { code, output }
}

const messagesThere = async () => Number((await there`select count(*) from public.messages`)[0]?.count)
const messagesHere = async () =>
  Number((await source.database.admin`select count(*) from public.messages`)[0]?.count)

test('a dry run says how much there is and changes nothing', async () => {
  const { code, output } = await move(['--dry-run'])
  expect(output).toMatch(/Migrations: \d+ to apply\nWould move \d+ rows of \d+ tables.\nFiles: \d+ to move/)
  expect(output).toMatch(/Sign-in providers: 0 to move, of 0\n$/)
  expect(code).toBe(0)
  expect(await there`select to_regclass('public.messages') as messages`).toEqual([{ messages: null }])
})

test('G20: killed in the middle, it goes on where it was', async () => {
  const killed = await move(['--batch', '100'], (output, child) => {
    if ((output.match(/public\.messages/g)?.length ?? 0) >= 4) child.kill('SIGKILL')
  })
  expect(killed.code).toBe(null)
  const arrived = await messagesThere()
  expect(arrived).toBeGreaterThan(0)
  expect(arrived).toBeLessThan(await messagesHere())

  const { code, output } = await move(['--batch', '100'])
  expect(output).toMatch(/Verified: \d+ rows of \d+ tables and 2 files are equal/)
  expect(code).toBe(0)
  expect(await messagesThere()).toBe(await messagesHere())
  // What had arrived is not moved again.
  expect(output).toContain('Migrations: all there')
  expect(output.match(/public\.messages: \d+/)?.[0]).not.toBe('public.messages: 100')
})

test('a person signs in there with the password and the authenticator app, and reads on', async () => {
  const ada = clientOf(target.url, target.key)
  const wrong = await ada.auth.signInWithPassword({ email: EMAIL, password: 'not this one' })
  expect(wrong.error?.code).toBe('invalid_credentials')
  const { error } = await ada.auth.signInWithPassword({ email: EMAIL, password: PASSWORD })
  expect(error).toBe(null)
  // A code counts once, at either place.
  const { error: factor } = await ada.auth.mfa.challengeAndVerify({ factorId: app.id, code: app.code(1) })
  expect(factor).toBe(null)
  const { data } = await ada.from('messages').select('id, body').eq('channel_id', channelId)
  expect(data?.length).toBeGreaterThan(0)
  const { data: picture } = await ada.rpc('bootstrap')
  expect(picture).toMatchObject({ me: { display_name: 'Ada' }, workspace: { role: 'member' } })
  const sent = await ada
    .from('messages')
    .insert({ id: crypto.randomUUID(), channel_id: channelId, body: 'Here now' })
  expect(sent.error).toBe(null)
  // Only to look: the next test finds it gone, because the source does not have it.
})

test('files are there with their bytes, types and owners', async () => {
  const { storage } = clientOf(target.url, target.secretKey)
  for (const [name, bytes] of Object.entries(files)) {
    const { data, error } = await storage.from('exports').download(name)
    expect(error).toBe(null)
    expect(data?.type).toMatch(/^text\/plain/)
    expect(Buffer.from((await data?.arrayBuffer()) ?? new ArrayBuffer(0))).toEqual(bytes)
  }
  expect(
    await there`select owner_id is not null as owned, name from storage.objects order by name`,
  ).toMatchObject([{ owned: true, name: 'a/first.txt' }, { owned: false }])
  expect(await there`select public, file_size_limit::int from storage.buckets where id = 'exports'`).toEqual([
    { public: false, file_size_limit: 1_000_000 },
  ])
})

test('G20: again, it brings what has changed since, and takes away what is not at the source', async () => {
  const { admin } = source.database
  const [last] = await admin`
    select id from public.messages where channel_id = ${channelId} and deleted_at is null order by rev desc limit 1`
  await admin`update public.messages set body = 'Said differently' where id = ${last?.id}`
  await clientOf(target.url, target.secretKey)
    .storage.from('exports')
    .update('a/first.txt', Buffer.from('Hallo'))
  const { code, output } = await move()
  expect(output).toMatch(/Files: 1 moved, of 2[\s\S]*Verified/)
  expect(code).toBe(0)
  expect(await there`select body from public.messages where id = ${last?.id}`).toEqual([
    { body: 'Said differently' },
  ])
  expect(await there`select id from public.messages where body = 'Here now'`).toEqual([])
  expect((await move()).output).toMatch(/Rows: 0 moved[\s\S]*Files: 0 moved/)
})

test('a project where others have accounts is not touched', async () => {
  const { error } = await clientOf(target.url, target.key).auth.signUp({
    email: 'eve@else.test',
    password: PASSWORD,
  })
  expect(error).toBe(null)
  const { code, output } = await move()
  expect(output).toContain('The target has 1 accounts that are not from here (eve@else.test)')
  expect(code).toBe(1)
  expect(await there`select count(*)::int from auth.users where email = 'eve@else.test'`).toEqual([
    { count: 1 },
  ])
})

test('what is missing is said, all at once', async () => {
  const env = { PATH: process.env.PATH, DATA_DIR: folder } as never
  const failed = promisify(execFile)(process.execPath, [here('move-to-supabase.mjs')], { env })
  const { code, stderr } = await failed.catch((error) => error)
  expect(code).toBe(1)
  for (const word of [
    'no installation here',
    'TARGET_DATABASE_URL',
    'TARGET_SUPABASE_URL',
    'TARGET_SECRET_KEY',
  ])
    expect(stderr).toContain(word)
})
