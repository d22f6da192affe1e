import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pruneIncrements } from './increments'

/** An archive that was made by itself or without a name of its own. */
export type KeptBackup = { file: string; name: string; at: Date }

const pattern = /^chat-(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)Z\.tar\.gz$/

/** The name of an archive that begins now. */
export function backupName(at = new Date()): string {
  return `chat-${at.toISOString().slice(0, 19).replaceAll(':', '-')}Z.tar.gz`
}

/** The archives of a backup folder, newest first. Others than those with names of ours are not touched by anything. */
export async function listBackups(backupDir: string): Promise<KeptBackup[]> {
  const names = await readdir(backupDir).catch(() => [])
  return names
    .flatMap((name) => {
      const [, day, hour, minute, second] = pattern.exec(name) ?? []
      if (!day) return []
      return [{ file: join(backupDir, name), name, at: new Date(`${day}T${hour}:${minute}:${second}Z`) }]
    })
    .sort((a, b) => b.at.getTime() - a.at.getTime())
}

/** The archives that may go: of each of the last days, and of each of the last weeks, the newest one is kept. */
export function expired<T extends { at: Date }>(
  backups: T[],
  { keepDaily, keepWeekly }: { keepDaily: number; keepWeekly: number },
): T[] {
  const newestOf = (period: (at: Date) => string, count: number) => {
    const first = new Map<string, T>()
    for (const backup of backups) {
      const key = period(backup.at)
      if (!first.has(key)) first.set(key, backup)
    }
    return [...first.values()].slice(0, count)
  }
  const kept = new Set([...newestOf(dayOf, keepDaily), ...newestOf(weekOf, keepWeekly)])
  return backups.filter((backup) => !kept.has(backup))
}

const dayOf = (at: Date) => at.toISOString().slice(0, 10)

/** The Monday of its week. */
function weekOf(at: Date): string {
  const day = new Date(at)
  day.setUTCDate(day.getUTCDate() - ((day.getUTCDay() + 6) % 7))
  return dayOf(day)
}

const HALF_DONE_MS = 24 * 60 * 60 * 1000

/** Removes what expired and drafts that a killed process left; returns the oldest archive that is still there. */
export async function prune(
  backupDir: string,
  keep: { keepDaily: number; keepWeekly: number },
): Promise<KeptBackup | undefined> {
  const backups = await listBackups(backupDir)
  const gone = new Set(expired(backups, keep))
  for (const { file } of gone) await rm(file, { force: true })
  for (const name of await readdir(backupDir).catch(() => [])) {
    const path = join(backupDir, name)
    if (!name.endsWith('.part')) continue
    const found = await stat(path).catch(() => undefined)
    if (found && Date.now() - found.mtimeMs > HALF_DONE_MS) await rm(path, { force: true })
  }
  return backups.filter((backup) => !gone.has(backup)).at(-1)
}

const HOUR_MS = 3_600_000

/**
 * Since when increments are kept (milliseconds since 1970): what came before is in the last two archives, or will be in
 * the first one. Two, so that one of them may turn out to be damaged; weeks of WAL would be kept for nothing.
 */
export async function keptSince(backupDir: string): Promise<number> {
  const [newest, second] = await listBackups(backupDir)
  // A file may have got its place a moment before an archive looked for it.
  return ((second ?? newest)?.at.getTime() ?? Date.now()) - HOUR_MS
}

/** Removes archives that expired, and increments that the last two do not need. */
export async function tidy(
  backupDir: string,
  keep: { keepDaily: number; keepWeekly: number },
): Promise<void> {
  if (await prune(backupDir, keep)) await pruneIncrements(backupDir, await keptSince(backupDir))
}
