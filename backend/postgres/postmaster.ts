import { execFile } from 'node:child_process'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { StartError } from '../start-error'

const run = promisify(execFile)

/** Whether a process with this id exists, also one of another user. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Waits until a process is gone; false when it is still there after the given time. */
export async function waitForExit(pid: number, milliseconds: number): Promise<boolean> {
  const end = Date.now() + milliseconds
  while (isAlive(pid)) {
    if (Date.now() > end) return false
    await sleep(25)
  }
  return true
}

/**
 * Makes a cluster folder free to start in: a server that outlived its parent is stopped cleanly, a lock file
 * whose process id now belongs to somebody else is removed. What remains is left to PostgreSQL's own recovery.
 */
export async function clearLeftovers(folder: string): Promise<void> {
  const pid = await readPid(folder)
  if (!pid || !isAlive(pid)) return
  if (!(await servesFolder(pid, folder))) {
    await rm(join(folder, 'postmaster.pid'), { force: true })
    return
  }
  process.kill(pid, 'SIGINT')
  if (await waitForExit(pid, 30_000)) return
  process.kill(pid, 'SIGQUIT')
  if (await waitForExit(pid, 10_000)) return
  throw new StartError(
    `An earlier PostgreSQL (process ${pid}) still uses ${folder} and does not stop: stop it first.`,
  )
}

/**
 * Removes the socket and its lock that a killed server left in its own folder. Their lock names a process id, and when
 * that is somebody else's by now (always so after the restart of a container), PostgreSQL would refuse to start.
 */
export async function clearSockets(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  for (const name of names) {
    if (name.startsWith('.s.PGSQL.')) await rm(join(folder, name), { force: true })
  }
}

async function readPid(folder: string): Promise<number | undefined> {
  const text = await readFile(join(folder, 'postmaster.pid'), 'utf8').catch(() => '')
  const pid = Number.parseInt(text, 10)
  return pid > 1 ? pid : undefined
}

async function servesFolder(pid: number, folder: string): Promise<boolean> {
  const args = await commandLine(pid)
  return /postgres(\.exe)?$/.test(args[0] ?? '') && args.includes(folder)
}

async function commandLine(pid: number): Promise<string[]> {
  const fromKernel = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined)
  if (fromKernel !== undefined) return fromKernel.split('\0')
  const listed = await run('ps', ['-ww', '-o', 'command=', '-p', String(pid)]).catch(() => ({ stdout: '' }))
  return listed.stdout.trim().split(/\s+/)
}
