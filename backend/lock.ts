import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startTime } from './process-state'
import { errorCode, StartError } from './start-error'

/** How long a process that was told to stop, or was killed just now, may take to be gone. */
const PATIENCE_MS = 10_000
const LOOK_EVERY_MS = 20

type Options = {
  patienceMs?: number
  /** Hears once of the process that is waited for. */
  waiting?: (pid: number) => void
}

type Holder = { pid: number; started: string }

/**
 * Claims a data folder for this process. A lock file names its holder by process id and start time, so one that a
 * killed process left behind is recognised even when its id is in use again. A holder that is there is waited for: it may
 * be ending, and whoever restarts by hand or by script does not look for that. One that stays is the reason to refuse.
 * Returns the release.
 */
export async function lockFolder(
  folder: string,
  { patienceMs = PATIENCE_MS, waiting }: Options = {},
): Promise<() => Promise<void>> {
  const path = join(folder, 'lock')
  const mine: Holder = { pid: process.pid, started: await startTime(process.pid) }
  const draft = `${path}.${randomUUID()}`
  await writeFile(draft, `${JSON.stringify(mine)}\n`, { mode: 0o600 })
  let awaited: Holder | undefined
  try {
    for (const end = performance.now() + patienceMs; ; ) {
      if ((await claim(draft, path)) || (await takeOver(draft, path))) return () => rm(path, { force: true })
      const holder = await liveHolder(path)
      if (performance.now() > end) throw refusal(folder, holder)
      if (holder && holder.pid !== awaited?.pid) {
        awaited = holder
        waiting?.(holder.pid)
      }
      await sleep(LOOK_EVERY_MS)
    }
  } finally {
    await rm(draft, { force: true })
  }
}

function refusal(folder: string, holder: Holder | undefined): StartError {
  return new StartError(
    holder
      ? `Already running on ${folder} (process ${holder.pid}): stop it first, or set DATA_DIR to another folder.`
      : `${folder} cannot be locked: another start is under way. Try again.`,
  )
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
async function takeOver(draft: string, path: string): Promise<boolean> {
  const turn = `${path}.turn`
  if (!(await claim(draft, turn))) {
    if (!(await liveHolder(turn))) await rm(turn, { force: true })
    return false
  }
  try {
    // Released meanwhile: then the plain claim decides, against others that make one.
    if (!existsSync(path) || (await liveHolder(path))) return false
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
