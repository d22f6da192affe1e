import { chown, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clientFor } from './api'
import {
  buildImage,
  imageSettings,
  mountImage,
  removeImage,
  runImage,
  runReadOnly,
  whyNoContainers,
} from './container'
import { processTree } from './processes'
import { freePort } from './product'

const TAG = 'enterprise-chat:e2e'
const reason = whyNoContainers()
if (reason) console.log(`The image is not built, its contents are tested by packed.spec.ts only: ${reason}.`)

async function userOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/^Uid:\s+(\d+)/m.exec(status)?.[1])
}

describe.skipIf(reason)('the image', () => {
  beforeAll(() => buildImage(TAG), 900_000)
  afterAll(() => removeImage(TAG))

  test('says what an engine has to know, and no secret', async () => {
    const settings = await imageSettings(TAG)
    expect(settings.User).toBe('1001:1001')
    expect(settings.StopSignal).toBe('SIGTERM')
    expect(Object.keys(settings.Volumes)).toEqual(['/data'])
    expect(Object.keys(settings.ExposedPorts)).toEqual(['3000/tcp'])
    expect(settings.Healthcheck.Test.join(' ')).toContain('/api/health')
    expect(settings.Env.filter((line) => /SUPABASE|SECRET|KEY|PASS|URL/.test(line))).toEqual([])
  })

  test('holds no sources, settings or data of the folder it was built from, and nothing that its user may change', async () => {
    const { folder, remove } = await mountImage(TAG)
    try {
      const names = await readdir(join(folder, 'app'))
      expect(names.sort()).toEqual(['.build', 'LICENSE', 'bin', 'node_modules', 'package.json', 'supabase'])
      expect(await readdir(join(folder, 'data'))).toEqual([])
      const passwd = await readFile(join(folder, 'etc/passwd'), 'utf8')
      expect(passwd).toMatch(/^nextjs:x:1001:1001:/m)
    } finally {
      await remove()
    }
  })

  test('starts unprivileged with everything in it, and ends in order when it is told to', async () => {
    const port = await freePort()
    const running = await runImage(TAG, port)
    const { supabaseKey } = await (await fetch(`${running.url}/api/config`)).json()
    const client = clientFor(running.url, supabaseKey)
    const { error } = await client.auth.signUp({ email: 'ada@example.test', password: 'a long password' })
    expect(error).toBeNull()
    const tree = await processTree(running.pid)
    const main = tree.find(({ command }) => command === 'enterprise-chat')
    const database = tree.find(({ command }) => /\/postgres -D \/data\/postgres/.test(command))
    for (const process of [main, database]) expect(await userOf(process?.pid as number)).toBe(1001)
    process.kill(main?.pid as number, 'SIGTERM')
    expect((await running.ended)[0]).toBe(0)
    expect(running.output()).toContain('Stopping…')
    expect(await processTree(database?.pid as number)).toEqual([])
  })

  test('works with a root file system that cannot be written', async () => {
    const { folder, remove } = await mountImage(TAG)
    const data = await mkdtemp(join(tmpdir(), 'enterprise-chat-volume-'))
    await chown(data, 1001, 1001)
    try {
      const running = await runReadOnly(folder, data, await freePort())
      expect(running.output()).toContain('read-only')
      expect((await fetch(`${running.url}/sign-in`)).status).toBe(200)
      expect(await readdir(data)).toContain('secrets.json')
      process.kill(running.pid, 'SIGTERM')
      expect((await running.ended)[0]).toBe(0)
    } finally {
      await remove()
      await rm(data, { recursive: true, force: true })
    }
  })
})
