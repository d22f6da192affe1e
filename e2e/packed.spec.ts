import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, lstat, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { clientFor, eventually } from './api'
import { processTree, sortParts } from './processes'
import { freePort } from './product'
import { product } from './shared-product'

// What the Dockerfile copies into the image, run as the image runs it: by a user who owns nothing but the data.
const root = fileURLToPath(new URL('..', import.meta.url))
const isRoot = process.getuid?.() === 0
// In an image it is a user of its own. Here it must be one that exists, because PostgreSQL asks for its name.
const NOBODY = 65_534
const MEGABYTE = 1024 * 1024
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'enterprise-chat-packed-'))
  await chmod(folder, 0o755)
  await promisify(execFile)(process.execPath, [join(root, 'bin/pack.mjs'), join(folder, 'app')], {
    cwd: root,
  })
})

afterAll(() => rm(folder, { recursive: true, force: true }))

async function run(env: Record<string, string> = {}) {
  const data = await mkdtemp(join(folder, 'data-'))
  if (isRoot) await chown(data, NOBODY, NOBODY)
  const port = await freePort()
  let output = ''
  const child: ChildProcess = spawn(process.execPath, ['bin/start.mjs'], {
    cwd: join(folder, 'app'),
    env: { PATH: process.env.PATH, NODE_ENV: 'production', PORT: String(port), DATA_DIR: data, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(isRoot ? { uid: NOBODY, gid: NOBODY } : {}),
  })
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk))
  const url = `http://127.0.0.1:${port}`
  await eventually('it is ready', async () => {
    if (child.exitCode !== null) throw new Error(output)
    return (await fetch(`${url}/api/health`).catch(() => undefined))?.ok
  })
  const config = async () => (await fetch(`${url}/api/config`)).json()
  const parts = async () => sortParts(await processTree(child.pid as number))
  /** What an administrator calls beside the running product. */
  const verb = (name: string, ...args: string[]) =>
    promisify(execFile)(process.execPath, [`bin/${name}.mjs`, ...args], {
      cwd: join(folder, 'app'),
      env: { PATH: process.env.PATH, PORT: String(port), DATA_DIR: data, NODE_ENV: 'production', ...env },
      ...(isRoot ? { uid: NOBODY, gid: NOBODY } : {}),
    })
  async function stop() {
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    const [code] = await ended
    return code as number | null
  }
  // A test that fails before it came to that.
  onTestFinished(async () => {
    if (child.exitCode === null) await stop()
  })
  return { url, data, config, parts, verb, stop }
}

/** Names, sizes and times of everything that was packed. */
async function contents(): Promise<string[]> {
  const names = await readdir(join(folder, 'app'), { recursive: true })
  return Promise.all(
    names.map(async (name) => {
      const { size, mtimeMs } = await lstat(join(folder, 'app', name))
      return `${name} ${size} ${mtimeMs}`
    }),
  )
}

test('holds what runs an installation and nothing that only makes one', async () => {
  const names = await readdir(join(folder, 'app'), { recursive: true })
  expect(names).toContain('supabase/migrations')
  expect(
    names.filter((name) => /(^|\/)\.env|\.test\.|node_modules\/(typescript|@biomejs|vitest)$/.test(name)),
  ).toEqual([])
  const { scripts } = JSON.parse(await readFile(join(folder, 'app/package.json'), 'utf8'))
  for (const command of Object.values(scripts)) expect(names).toContain(String(command).split(' ')[1])
  expect(scripts).toHaveProperty('start')
})

test('without settings it is everything, writes only where its data is, and ends in order', async () => {
  const before = await contents()
  const running = await run()
  const { supabaseUrl, supabaseKey } = await running.config()
  expect(supabaseUrl).toBe(running.url)
  const client = clientFor(running.url, supabaseKey)
  const signedUp = await client.auth.signUp({ email: 'ada@example.test', password: 'a long password' })
  expect(signedUp.error).toBeNull()
  const made = await client.rpc('create_workspace', { name: 'Packed' })
  expect(made.error).toBeNull()
  expect((await fetch(`${running.url}/sign-in`)).status).toBe(200)

  // What only browsers load, by its name: what shows PDFs runs as a thread.
  const names = await readdir(join(folder, 'app/.build/site/.next/static'), { recursive: true })
  const thread = names.find((name) => /pdf\.worker.*\.mjs$/.test(name))
  const script = await fetch(`${running.url}/_next/static/${thread}`, {
    headers: { 'accept-encoding': 'br' },
  })
  expect([script.status, script.headers.get('content-encoding')]).toEqual([200, 'br'])
  expect(script.headers.get('content-type')).toContain('javascript')
  expect(script.headers.get('content-security-policy')).toContain("default-src 'none'")

  // Pictures are made by a process of their own.
  const picture = await sharp({ create: { width: 60, height: 40, channels: 3, background: 'teal' } })
    .png()
    .toBuffer()
  const avatars = client.storage.from('avatars')
  const path = `${signedUp.data.user?.id}/me.png`
  expect((await avatars.upload(path, picture, { contentType: 'image/png' })).error).toBeNull()
  const small = await avatars.download(path, { transform: { width: 30 } })
  expect(small.error).toBeNull()
  expect(await sharp(Buffer.from((await small.data?.arrayBuffer()) as ArrayBuffer)).metadata()).toMatchObject(
    {
      width: 30,
    },
  )

  const elsewhere = await mkdtemp(join(folder, 'archives-'))
  if (isRoot) await chown(elsewhere, NOBODY, NOBODY)
  const archive = join(elsewhere, 'backup.tar.gz')
  expect((await running.verb('backup', archive)).stdout).toContain(archive)
  expect((await lstat(archive)).size).toBeGreaterThan(MEGABYTE)

  const socket = new WebSocket(
    `${running.url.replace('http', 'ws')}/realtime/v1/websocket?apikey=${supabaseKey}&vsn=1.0.0`,
  )
  await once(socket, 'open')
  const closed = once(socket, 'close')
  expect(await running.stop()).toBe(0)
  // Told, and not cut off: that would be 1006.
  expect((await closed)[0]).toBe(1012)
  // PostgreSQL removes it when it has shut down cleanly.
  expect(await readdir(join(running.data, 'postgres'))).not.toContain('postmaster.pid')
  expect(await readdir(running.data)).not.toContain('lock')
  expect(await contents()).toEqual(before)
})

test('with a Supabase it is the front end of that, and keeps nothing', async () => {
  const key = product.secrets.publishableKey
  const running = await run({ NEXT_PUBLIC_SUPABASE_URL: product.url, NEXT_PUBLIC_SUPABASE_ANON_KEY: key })
  expect(await running.config()).toMatchObject({ supabaseUrl: product.url, supabaseKey: key })
  const page = await fetch(`${running.url}/sign-in`)
  expect(page.status).toBe(200)
  expect(page.headers.get('content-security-policy')).toContain(product.url)
  const passedOn = await fetch(`${running.url}/auth/v1/settings`, { headers: { apikey: key } })
  expect(passedOn.status).toBe(200)
  const { postgres, next } = await running.parts()
  expect(postgres).toEqual([])
  expect(next).toHaveLength(1)
  expect(await running.stop()).toBe(0)
  expect(await readdir(running.data)).toEqual([])
})
