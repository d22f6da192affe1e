import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type postgres from 'postgres'
import type { Logger } from '../log'
import { WAL_FOLDER } from './data-files'
import { checkRoom, freeBytes, hasSegment, incrementsOf, keepFiles, keepSegment } from './increments'
import { ensureWalFolder, readWalFolder } from './wal-folder'
import { formatLsn, parseLsn, segmentName, segmentOf } from './wal-names'

const SLOT = 'enterprise_chat_backup'

/** With less than this free on the database's disk, WAL that only backups wait for is given up. */
const SCARCE_BYTES = 1024 * 1024 * 1024
const GIVE_UP_BYTES = 64 * 1024 * 1024

export type WalShipperOptions = {
  admin: postgres.Sql
  log: Logger
  dataDir: string
  backupDir: string
  /** Free bytes of a folder's disk; tests say their own. */
  free?: (folder: string) => Promise<number>
}

type State = { restart: string | null; lost: boolean; kept: number; flushed: string; segmentBytes: number }

/**
 * Copies the WAL to the backup folder as it is written, the segment that is being written included. A replication
 * slot keeps what is not copied yet, up to `max_slot_wal_keep_size`: PostgreSQL rather gives the slot up than fill its
 * disk, which an `archive_command` that fails would do. Then a new line of WAL begins, which needs an archive.
 */
export class WalShipper {
  private readonly options: WalShipperOptions
  private shipped = ''

  constructor(options: WalShipperOptions) {
    this.options = options
  }

  /** Copies what was written since the last time. `since`: files that came before it are in every archive. */
  async ship(since: number): Promise<void> {
    const { dataDir, backupDir, free } = this.options
    const state = await this.prepare()
    const folder = incrementsOf(backupDir, await ensureWalFolder(dataDir))
    await checkRoom(backupDir, state.segmentBytes, free)
    // Files first: the rows that name them are in WAL that is copied after them.
    await keepFiles(folder, dataDir, since)
    await this.shipWal(folder, state)
  }

  /** The folder that WAL goes to now; undefined before the first time. */
  folder(): Promise<string | undefined> {
    return readWalFolder(this.options.dataDir)
  }

  private async shipWal(folder: string, state: State): Promise<void> {
    const { admin, dataDir } = this.options
    const { segmentBytes, flushed, restart } = state
    if (flushed === this.shipped) return
    const [row] = await admin<{ name: string }[]>`select pg_walfile_name(${flushed}::pg_lsn) as name`
    const timeline = Number.parseInt(row?.name.slice(0, 8) ?? '', 16)
    const end = parseLsn(flushed)
    const current = segmentOf(end, segmentBytes)
    for (
      let segment = segmentOf(parseLsn(restart ?? flushed), segmentBytes);
      segment <= current;
      segment += 1n
    ) {
      const name = segmentName(timeline, segment, segmentBytes)
      const path = join(dataDir, 'postgres', 'pg_wal', name)
      const bytes = segment < current ? segmentBytes : Number(end % BigInt(segmentBytes))
      if (bytes === 0 || (segment < current && (await hasSegment(folder, name)))) continue
      await keepSegment(folder, { path, name, bytes, segmentBytes })
    }
    const begin = formatLsn(current * BigInt(segmentBytes))
    // PostgreSQL may now remove or reuse the segments before it.
    if (restart && parseLsn(restart) < parseLsn(begin)) {
      await admin`select pg_replication_slot_advance(${SLOT}, ${begin}::pg_lsn)`
    }
    this.shipped = flushed
  }

  /** Makes the slot, or makes it anew where WAL was lost or has to be given up. */
  private async prepare(): Promise<State> {
    const { log, dataDir, free = freeBytes } = this.options
    const found = await this.look()
    const scarce = (await free(dataDir)) < SCARCE_BYTES
    const giveUp = scarce && found.kept > GIVE_UP_BYTES
    if (found.restart && !found.lost && !giveUp) return found
    if (found.restart || found.lost || (await this.folder())) {
      log.error(
        { keptBytes: found.kept },
        giveUp
          ? 'backup: the disk of the database is nearly full; WAL that was not copied yet was given up, a new backup is needed'
          : 'backup: WAL was lost before it was copied; a new backup is needed',
      )
    }
    await this.drop()
    await rm(join(dataDir, WAL_FOLDER), { force: true })
    // A slot begins at the last checkpoint: only a new one lets go of what came before.
    if (giveUp) await this.options.admin`checkpoint`
    await this.options.admin`select pg_create_physical_replication_slot(${SLOT}, true)`
    this.shipped = ''
    return this.look()
  }

  private async look(): Promise<State> {
    const [state] = await this.options.admin<State[]>`
      select s.restart_lsn::text as restart, coalesce(s.wal_status = 'lost', false) as lost,
        coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn), 0)::float8 as kept,
        pg_current_wal_flush_lsn()::text as flushed,
        (select bytes_per_wal_segment from pg_control_init()) as "segmentBytes"
      from (select 1) one left join pg_replication_slots s on s.slot_name = ${SLOT}`
    if (!state) throw new Error('PostgreSQL does not tell its position')
    return state
  }

  private async drop(): Promise<void> {
    await this.options.admin`
      select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = ${SLOT}`
  }
}

/** Gives the slot up: WAL is no longer copied, and must not be kept for it. */
export async function dropBackupSlot(admin: postgres.Sql): Promise<void> {
  await admin`
    select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = ${SLOT} and not active`
}
