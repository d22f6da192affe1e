import { totalmem } from 'node:os'

/** What an operator may set differently: everything here yields to `alter system`. */
export type Tuning = { memory?: number; durable?: boolean }

const megabyte = 1024 * 1024

/**
 * The text of `postgresql.conf`. It is written at every start, so that it follows the machine's memory and our
 * version; `alter system` (postgresql.auto.conf) has the last word.
 */
export function serverConfiguration({ memory = availableMemory(), durable = true }: Tuning): string {
  const share = (part: number, least: number, most: number) =>
    `${Math.round(Math.min(Math.max(memory / part / megabyte, least), most))}MB`
  const settings: Record<string, string | number> = {
    // Node, the page cache and other programs live on the same machine: a quarter, as on a database server, is too much.
    // Every gigabyte costs 20 MB for its bookkeeping from the first second on; beyond two, the page cache does as well.
    shared_buffers: durable ? share(8, 64, 2048) : '32MB',
    // What waits for the disk is flushed by every commit. The default, 16 MB, stays in memory once it was written to.
    wal_buffers: '4MB',
    effective_cache_size: share(2, 256, 65_536),
    maintenance_work_mem: share(32, 32, 512),
    work_mem: '8MB',
    max_connections: 100,
    wal_level: 'logical',
    fsync: durable ? 'on' : 'off',
    full_page_writes: durable ? 'on' : 'off',
    synchronous_commit: durable ? 'on' : 'off',
    max_wal_size: '2GB',
    min_wal_size: durable ? '128MB' : '32MB',
    // A replication slot that nobody reads must not fill the disk.
    max_slot_wal_keep_size: '4GB',
    max_wal_senders: 10,
    max_replication_slots: 20,
    random_page_cost: 1.1,
    // Short statements only: compiling them costs more than it saves.
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    datestyle: 'iso, mdy',
    default_text_search_config: 'pg_catalog.english',
    lc_messages: 'C',
    idle_in_transaction_session_timeout: '5min',
    // Statements, parameters and error details hold what people write to each other.
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    log_parameter_max_length_on_error: 0,
    log_checkpoints: 'off',
    log_line_prefix: '%q%u ',
  }
  if (!durable) settings.io_method = 'sync'
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value}'`)
  return ['# Written at every start. Change settings with "alter system set ...".', ...lines, ''].join('\n')
}

/** The machine's memory, or what a container may have of it. */
function availableMemory(): number {
  // 0 or an astronomical number where nothing limits it.
  return Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, totalmem())
}

/** The text of `pg_hba.conf`: a password for everybody, from nowhere but this machine. */
export function accessRules(): string {
  return [
    '# Written at every start.',
    'local all all scram-sha-256',
    'local replication all scram-sha-256',
    'host all all 127.0.0.1/32 scram-sha-256',
    'host replication all 127.0.0.1/32 scram-sha-256',
    '',
  ].join('\n')
}

/** The environment of PostgreSQL's programs: messages are parsed and sorting must not depend on who started us. */
export function programEnvironment(): NodeJS.ProcessEnv {
  const { PATH, NODE_ENV } = process.env
  return { PATH, NODE_ENV, LC_ALL: 'C', TZ: 'UTC' }
}
