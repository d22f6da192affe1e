import { stat, statfs } from 'node:fs/promises'
import { Gauge, Registry } from 'prom-client'
import { readStatus } from '../backup/status'
import type { Database } from '../postgres/database'
import type { Settings } from '../settings'

/** What is known of one server only: of its database, disks and backups. Read when somebody asks. */
export function createServerMetrics(
  settings: Settings,
  database: () => Database | undefined,
): { read(): Promise<string> } {
  const registry = new Registry()
  const registers = [registry]
  const gauge: MakeGauge = (name, help, labelNames = []) => new Gauge({ name, help, labelNames, registers })
  const parts = [databaseGauges(gauge, database), diskGauges(gauge, settings), backupGauges(gauge, settings)]
  const up = gauge('chat_up', 'Whether everything else here could be read.')
  return {
    async read() {
      const results = await Promise.allSettled(parts.map((refresh) => refresh()))
      up.set(results.every(({ status }) => status === 'fulfilled') ? 1 : 0)
      return registry.metrics()
    },
  }
}

type MakeGauge = (name: string, help: string, labelNames?: string[]) => Gauge

type Numbers = {
  slots: { slot: string; lag: number; retained: number }[]
  pools: { pool: string; state: string; count: number }[]
  wal: number
  bytes: number
}

function databaseGauges(gauge: MakeGauge, database: () => Database | undefined): () => Promise<void> {
  const lag = gauge('chat_wal_lag_bytes', 'WAL that a reader has not confirmed yet, by slot.', ['slot'])
  const retained = gauge('chat_wal_retained_bytes', 'WAL that is kept for a reader, by slot.', ['slot'])
  const wal = gauge('chat_wal_bytes', 'Size of the WAL on disk.')
  const size = gauge('chat_database_bytes', 'Size of the database on disk.')
  const pools = gauge('chat_database_connections', 'Connections to the database, by pool and state.', [
    'pool',
    'state',
  ])
  return async () => {
    for (const each of [lag, retained, pools]) each.reset()
    const open = database()
    if (!open) return
    const [found] = await open.admin<{ numbers: Numbers }[]>`
      select json_build_object(
        'slots', (select coalesce(json_agg(json_build_object('slot', slot_name,
            'lag', pg_wal_lsn_diff(pg_current_wal_lsn(), coalesce(confirmed_flush_lsn, restart_lsn)),
            'retained', pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn))), '[]')
          from pg_replication_slots where restart_lsn is not null),
        'pools', (select coalesce(json_agg(p), '[]') from (
          select coalesce(nullif(replace(application_name, 'enterprise-chat ', ''), ''), 'other') as pool,
            coalesce(state, 'other') as state, count(*)
          from pg_stat_activity where backend_type = 'client backend' group by 1, 2) p),
        'wal', (select coalesce(sum(size), 0) from pg_ls_waldir()),
        'bytes', pg_database_size(current_database())) as numbers`
    if (!found) return
    const { numbers } = found
    for (const slot of numbers.slots) {
      lag.set({ slot: slot.slot }, slot.lag)
      retained.set({ slot: slot.slot }, slot.retained)
    }
    for (const { pool, state, count } of numbers.pools) pools.set({ pool, state }, count)
    wal.set(numbers.wal)
    size.set(numbers.bytes)
  }
}

function diskGauges(gauge: MakeGauge, { dataDir, backup }: Settings): () => Promise<void> {
  const free = gauge('chat_disk_free_bytes', 'Free space of a disk that is written to.', ['disk'])
  return async () => {
    for (const [disk, folder] of Object.entries({ data: dataDir, backup: backup.dir })) {
      const found = folder && (await statfs(folder).catch(() => undefined))
      if (found) free.set({ disk }, found.bavail * found.bsize)
    }
  }
}

function backupGauges(gauge: MakeGauge, { dataDir, backup }: Settings): () => Promise<void> {
  if (!backup.dir) return async () => {}
  const age = gauge('chat_backup_age_seconds', 'Age of the newest backup.')
  const copied = gauge('chat_backup_wal_age_seconds', 'How long ago everything written was copied.')
  const failing = gauge('chat_backup_failing', 'Whether backups or the copying of WAL fail: 1, else 0.')
  const bytes = gauge('chat_backup_bytes', 'Size of the newest backup.')
  return async () => {
    const { backup: last, walAt, backupError, walError } = await readStatus(dataDir)
    const since = (at: string) => (Date.now() - Date.parse(at)) / 1000
    // None yet is not the same as one that was made just now.
    age.set(last ? since(last.at) : Number.NaN)
    copied.set(walAt ? since(walAt) : Number.NaN)
    failing.set(backupError || walError ? 1 : 0)
    const found = last && (await stat(last.file).catch(() => undefined))
    bytes.set(found ? found.size : 0)
  }
}
