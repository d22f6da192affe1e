import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Deps, Service } from '../services'
import { productVersion } from '../version'
import { createBackup } from './create'
import { checkRoom } from './increments'
import { backupName, keptSince, listBackups, tidy } from './retention'
import { type BackupStatus, readStatus, writeStatus } from './status'
import { dropBackupSlot, WalShipper } from './wal-shipper'

const HOUR_MS = 3_600_000

/** How long a stop waits for the last copy. */
const STOP_MS = 20_000

/** Between two attempts to make an archive. */
const RETRY_MS = 15 * 60_000

/** Failures are told again after so long, for whoever reads only the end of a log. */
const REPEAT_MS = HOUR_MS

/**
 * Makes archives as often as BACKUP_EVERY_HOURS says and copies WAL and files in between. Without BACKUP_DIR, and for a
 * database that somebody else runs, it does nothing.
 */
export function createBackups(deps: Deps): Service {
  const { settings, database, log } = deps
  const { dir, everyHours, keepDaily, keepWeekly, walSeconds } = settings.backup
  const { dataDir } = settings
  if (!dir || settings.databaseUrl) return idle(deps)
  const backupDir = dir
  const shipper = new WalShipper({ admin: database.admin, log, dataDir, backupDir })
  let timer: NodeJS.Timeout | undefined
  const stopping = new AbortController()
  const { signal } = stopping
  /** After a failure the disk is not filled and emptied every minute. */
  let notBefore = 0
  let round: Promise<void> = Promise.resolve()
  let told = { text: '', at: 0 }

  async function update(change: (status: BackupStatus) => BackupStatus): Promise<void> {
    await writeStatus(dataDir, change(await readStatus(dataDir)))
  }

  async function backUp(): Promise<void> {
    const at = new Date()
    const file = join(backupDir, backupName(at))
    const [size] = await database.admin<{ bytes: number }[]>`
      select sum(pg_database_size(oid))::float8 as bytes from pg_database`
    await checkRoom(backupDir, size?.bytes)
    const manifest = await createBackup(file, {
      database,
      dataDir,
      product: productVersion(),
      ...(settings.s3 ? { objects: 'left' as const } : {}),
      signal,
    })
    const { size: bytes } = await stat(file)
    const { walFolder } = manifest
    await update(({ backupError: _, ...rest }) => ({
      ...rest,
      backup: { at: at.toISOString(), file, bytes, walFolder },
    }))
    log.info({ file, bytes }, 'backup: made and verified')
    await tidy(backupDir, { keepDaily, keepWeekly })
  }

  async function isDue(): Promise<boolean> {
    if (everyHours === 0) return false
    const { backup } = await readStatus(dataDir)
    const [newest] = await listBackups(backupDir)
    if (!backup || !newest || backup.walFolder !== (await shipper.folder())) return true
    return Date.now() - Date.parse(backup.at) >= everyHours * HOUR_MS
  }

  async function attempt(what: 'wal' | 'backup', work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (signal.aborted && what === 'backup') return
      const text = error instanceof Error ? error.message : String(error)
      await update((status) => ({ ...status, [`${what}Error`]: text })).catch(() => {})
      if (text === told.text && Date.now() - told.at < REPEAT_MS) return
      told = { text, at: Date.now() }
      log.error({ err: error, what }, 'backup: failed; what is written now is on one disk only')
    }
  }

  async function ship(): Promise<void> {
    const at = new Date().toISOString()
    await shipper.ship(await keptSince(backupDir))
    await update(({ walError: _, ...rest }) => ({ ...rest, walAt: at }))
  }

  async function run(): Promise<void> {
    // The line of WAL first: an archive is continued by what is kept from before it on.
    await attempt('wal', ship)
    if (signal.aborted || Date.now() < notBefore || !(await isDue())) return
    notBefore = Date.now() + RETRY_MS
    await attempt('backup', backUp)
  }

  function schedule(milliseconds: number): void {
    timer = setTimeout(() => {
      round = run().finally(() => {
        if (!signal.aborted) schedule(walSeconds * 1000)
      })
      round.catch((error: unknown) => log.error({ err: error }, 'backup: the schedule failed'))
    }, milliseconds)
    timer.unref()
  }

  return {
    name: 'backup',
    async start() {
      schedule(0)
    },
    async stop() {
      stopping.abort()
      clearTimeout(timer)
      await round.catch(() => {})
      // What was written since the last time: a stop loses nothing. A disk that does not answer must not hold it up.
      const late = new Promise((resolve) => setTimeout(resolve, STOP_MS).unref())
      await Promise.race([attempt('wal', ship), late])
    },
  }
}

/** Backups were switched off, or never on: no WAL is kept for them. */
function idle({ settings, database, log }: Deps): Service {
  return {
    name: 'backup',
    async start() {
      if (settings.databaseUrl) return
      await dropBackupSlot(database.admin).catch((error: unknown) => log.warn({ err: error }, 'backup'))
    },
    async stop() {},
  }
}
