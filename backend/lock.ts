import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
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
    for (let attempt = 0; attempt < 100; attempt += 1) {
      if ((await claim(draft, path)) || (await takeOver(draft, path, folder)))
        return () => rm(path, { force: true })
      await sleep(20)
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

/** Replaces a stale lock. A second lock lets only one at a time look and replace: two would replace each other. */
async function takeOver(draft: string, path: string, folder: string): Promise<boolean> {
  const turn = `${path}.turn`
  if (!(await claim(draft, turn))) {
    if (!(await liveHolder(turn))) await rm(turn, { force: true })
    return false
  }
  try {
    // Released meanwhile: then the plain claim decides, against others that make one.
    if (!existsSync(path)) return false
    const holder = await liveHolder(path)
    if (holder) {
      throw new StartError(
        `Already running on ${folder} (process ${holder.pid}): stop it first, or set DATA_DIR to another folder.`,
      )
    }
    await link(draft, `${draft}.mine`)
    await rename(`${draft}.mine`, path)
    return true
  } finally {
    await rm(turn, { force: true })
  }
}

/** The process that holds a folder's lock; undefined when none does. */
export async function lockHolder(folder: string): Promise<number | undefined> {
  return (await liveHolder(join(folder, 'lock')))?.pid
}

async function liveHolder(path: string): Promise<Holder | undefined> {
  const holder = parseHolder(await readFile(path, 'utf8').catch(() => ''))
  return holder && holder.started === (await startTime(holder.pid)) ? holder : undefined
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
