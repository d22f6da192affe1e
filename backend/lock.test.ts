import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockFolder } from './lock'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ec-lock-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('a second claim is refused with the holder, and granted after the release', async () => {
  const release = await lockFolder(folder)
  await expect(lockFolder(folder)).rejects.toThrow(`Already running on ${folder} (process ${process.pid})`)
  await release()
  await (await lockFolder(folder))()
  expect(existsSync(join(folder, 'lock'))).toBe(false)
})

test('the lock of a killed process is taken over', async () => {
  const gone = spawn('true')
  await once(gone, 'exit')
  await writeFile(join(folder, 'lock'), JSON.stringify({ pid: gone.pid, started: '12345' }))
  await (await lockFolder(folder))()
})

test('a process that got the id of the killed one does not count as the holder', async () => {
  await writeFile(join(folder, 'lock'), JSON.stringify({ pid: process.pid, started: 'long ago' }))
  await (await lockFolder(folder))()
})

test('a damaged lock is taken over', async () => {
  await writeFile(join(folder, 'lock'), '{')
  await (await lockFolder(folder))()
})

test('of many that start at once over a stale lock exactly one wins', async () => {
  await writeFile(join(folder, 'lock'), JSON.stringify({ pid: 999_999_999, started: '1' }))
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder)))
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(await readdir(folder)).toEqual(['lock'])
})
