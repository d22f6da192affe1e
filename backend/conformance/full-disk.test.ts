import { execFileSync } from 'node:child_process'
import { chmod, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { spawnBackend } from '../testing/process'

vi.setConfig({ testTimeout: 300_000 })

const MB = 1024 * 1024

test.runIf(process.getuid?.() === 0)(
  'G04 a disk that the database fills: sends are refused in words, and all is well by itself when there is room again',
  async ({ skip, onTestFinished }) => {
    const folder = await mkdtemp(join(tmpdir(), 'ec-full-'))
    await chmod(folder, 0o711)
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400m,mode=711', 'tmpfs', folder])
    } catch {
      skip('no right to mount')
    }
    onTestFinished(() => void execFileSync('umount', ['-l', folder]))
    const backend = spawnBackend({
      DATA_DIR: join(folder, 'data'),
      MIGRATIONS_DIR: new URL('./fixtures/realtime', import.meta.url).pathname,
      LOG_LEVEL: 'warn',
    })
    onTestFinished(async () => {
      backend.process.kill('SIGTERM')
      await backend.exit
    })
    const url = await backend.ready
    if (!url) throw new Error(backend.output())
    const { secretKey } = JSON.parse(await readFile(join(folder, 'data/secrets.json'), 'utf8'))
    const headers = { apikey: secretKey, 'content-type': 'application/json' }
    const ask = async (query: string, init: RequestInit = {}) => {
      const answer = await fetch(`${url}/rest/v1/news${query}`, {
        ...{ headers, signal: AbortSignal.timeout(60_000) },
        ...init,
      })
      return { status: answer.status, body: await answer.text() }
    }
    const acknowledged: number[] = []
    let id = 0
    const send = async (title: string) => {
      id += 1
      const answer = await ask('', { method: 'POST', body: JSON.stringify({ id, title }) })
      if (answer.status === 201) acknowledged.push(id)
      return answer
    }
    expect((await send('before')).status).toBe(201)

    const filler = join(folder, 'filler')
    const file = await open(filler, 'w')
    for (let full = false; !full; ) {
      await file.write(Buffer.alloc(MB)).then(
        ({ bytesWritten }) => {
          full = bytesWritten < MB
        },
        () => {
          full = true
        },
      )
    }
    await file.close()
    // What does not compress, until the write-ahead log or the table finds no more room.
    const noise = () => Array.from({ length: 20_000 }, () => Math.random().toString(36).slice(2)).join('')
    let refused = await send(noise())
    for (let n = 0; n < 500 && refused.status === 201; n++) refused = await send(noise())
    expect([503, 507]).toContain(refused.status)
    expect(JSON.parse(refused.body).message).toBeTruthy()
    const live = await fetch(`${url}/api/health/live`)
    expect(live.status).toBe(200)

    await rm(filler)
    await expect.poll(async () => (await send('after')).status, { timeout: 120_000, interval: 200 }).toBe(201)
    const stored = JSON.parse((await ask('?select=id&order=id')).body) as { id: number }[]
    const ids = new Set(stored.map((row) => row.id))
    expect(acknowledged.filter((each) => !ids.has(each))).toEqual([])
    expect(ids.size).toBe(stored.length)
    await writeFile(filler, '')
  },
)
