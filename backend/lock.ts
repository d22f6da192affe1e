import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { errorCode, StartError } from './start-error'

const run = promisify(execFile)

type Holder = { pid: number; started: string }

/**
 * Claims a data folder for this process. A lock file names its holder by process id and start time, so one that a
 * killed process left behind is recognised even when its id is in use again. Returns the release.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, 'lock')
  const mine: Holder = { pid: process.pid, started: await startTime(process.pid) }
  const draft = `${path}.${randomUUID()}`
  await writeFile(draft, `${JSON.stringify(mine)}\n`, { mode: 0o600 })
  try {
    for (let attempt = 0; attempt < 10; attempt += 1) {
      if (await claim(draft, path)) return () => rm(path, { force: true })
      await removeIfStale(path, folder)
    }
  } finally {
    await rm(draft, { force: true })
  }
  throw new StartError(`${folder} cannot be locked: another start is under way. Try again.`)
}

/** A link is made or not made at all, whoever else tries at the same moment. */
async function claim(draft: string, path: string): Promise<boolean> {
  return link(draft, path).then(
    () => true,
    (error: unknown) => {
      if (errorCode(error) === 'EEXIST') return false
      throw error
    },
  )
}

async function removeIfStale(path: string, folder: string): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return
  const holder = parseHolder(text)
  if (holder && holder.started === (await startTime(holder.pid))) {
    throw new StartError(
      `Already running on ${folder} (process ${holder.pid}): stop it first, or set DATA_DIR.`,
    )
  }
  // Taken away under a name of our own: of two that see the same stale lock only one can, and if it has taken a
  // fresh one by then, it puts that back.
  const taken = `${path}.${randomUUID()}`
  const moved = await rename(path, taken).then(
    () => true,
    () => false,
  )
  if (!moved) return
  if ((await readFile(taken, 'utf8')) !== text) await link(taken, path).catch(() => {})
  await rm(taken, { force: true })
}

function parseHolder(text: string): Holder | undefined {
  try {
    const { pid, started } = JSON.parse(text)
    return Number.isInteger(pid) && typeof started === 'string' ? { pid, started } : undefined
  } catch {
    return undefined
  }
}

/** When a process started, in whatever words the system has for it; empty when there is no such process. */
async function startTime(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // The name, in brackets, may hold blanks; the start time is the 20th field after it.
  if (stat) return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  const listed = await run('ps', ['-o', 'lstart=', '-p', String(pid)]).catch(() => ({ stdout: '' }))
  return listed.stdout.trim()
}
