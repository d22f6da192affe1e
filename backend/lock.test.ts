import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockFolder, lockHolder } from './lock'
import { startTime } from './process-state'

let folder: string
let others: ChildProcess[]
beforeEach(async () => {
  others = []
  folder = await mkdtemp(join(tmpdir(), 'ec-lock-'))
})
afterEach(async () => {
  for (const other of others) other.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

/** Another process that has the lock; SIGTERM is left to it. */
async function holdElsewhere(script: string): Promise<ChildProcess> {
  const other = spawn('/bin/sh', ['-c', `echo ready; ${script}`])
  others.push(other)
  await once(other.stdout, 'data')
  await nameHolder(other.pid as number)
  return other
}

const nameHolder = async (pid: number) =>
  writeFile(join(folder, 'lock'), JSON.stringify({ pid, started: await startTime(pid) }))

test('a second claim is refused with the holder, and granted after the release', async () => {
  const release = await lockFolder(folder)
  await expect(lockFolder(folder, { patienceMs: 200 })).rejects.toThrow(
    `Already running on ${folder} (process ${process.pid})`,
  )
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

test('a holder that was killed in this instant, or is stopping, is waited for; it is named once', async () => {
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    const other = await holdElsewhere('exec sleep 600')
    const named: number[] = []
    const waiting = (pid: number) => {
      named.push(pid)
      other.kill(signal)
    }
    // Waited for as long as it takes: this is not about how fast the machine is.
    const release = await lockFolder(folder, { patienceMs: 60_000, waiting })
    expect(named).toEqual([other.pid])
    expect(await lockHolder(folder)).toBe(process.pid)
    await release()
  }
})

test('a holder that stays, whatever it was told, keeps the lock', async () => {
  const other = await holdElsewhere("trap '' TERM; while :; do sleep 1; done")
  other.kill('SIGTERM')
  await expect(lockFolder(folder, { patienceMs: 200 })).rejects.toThrow(`(process ${other.pid})`)
  expect(await lockHolder(folder)).toBe(other.pid)
})

test('a killed process of which its parent has not taken note is no holder', async () => {
  // The shell becomes a program that never waits for the child it has got.
  const parent = spawn('/bin/sh', ['-c', 'sleep 600 & echo $!; exec sleep 600'])
  others.push(parent)
  const [line] = await once(createInterface({ input: parent.stdout }), 'line')
  const pid = Number(line)
  await nameHolder(pid)
  expect(await lockHolder(folder)).toBe(pid)
  process.kill(pid, 'SIGKILL')
  await expect.poll(() => lockHolder(folder), { timeout: 10_000 }).toBeUndefined()
  // Its number is still taken.
  expect(process.kill(pid, 0)).toBe(true)
  await (await lockFolder(folder, { patienceMs: 0 }))()
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
  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, () => lockFolder(folder, { patienceMs: 1_000 })),
  )
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(await readdir(folder)).toEqual(['lock'])
})
