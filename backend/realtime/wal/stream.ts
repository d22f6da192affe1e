import { setTimeout as sleep } from 'node:timers/promises'
import { LogicalReplicationService } from 'pg-logical-replication'
import type { Logger } from 'pino'
import type postgres from 'postgres'
import { isDatabaseAway } from '../../errors'
import { StartError } from '../../start-error'
import { CountingPlugin, type Parsed } from './counting-plugin'
import type { WalEvent } from './pgoutput'
import { Assembler, type Transaction } from './transaction'

export type StreamOptions = {
  /** Connection URL of a role that may replicate. */
  url: string
  admin: postgres.Sql
  log: Logger
  /** Slots are the whole server's: the database's id is added, so that two installations do not take each other's. */
  slot: string
  publications: string[]
  /** Deals with a transaction; the next one waits for it. */
  onTransaction(transaction: Transaction): Promise<void> | void
  /** Changes were lost (the slot had to be made anew): whoever listened has to read everything again. */
  onLoss(): void
  /** How often the position is confirmed, in milliseconds. */
  statusMs?: number
  /** A connection that has not answered for so long is dead, even if nobody said so: a host that vanished sends no end. */
  silenceMs?: number
}

const STATUS_MS = 5_000
const SILENCE_MS = 30_000
const MAX_WAIT_MS = 2_000
const MAX_FAILURES = 10

/**
 * The server's one logical replication slot, read for as long as the server runs. It belongs to this run: on start an
 * older one is dropped, since nobody is connected who could miss anything. While the server runs it survives restarts
 * of the database; the position is confirmed only after a transaction was handed over.
 */
export class WalStream {
  /** Whether transactions are arriving. */
  connected = false
  private readonly options: StreamOptions
  private service: LogicalReplicationService | null = null
  private running: Promise<void> | null = null
  private stopped = false
  /** End of the last transaction that was handed over. */
  private position = 0n
  /** Breaks since the position last moved. */
  private failures = 0
  private statusTimer: NodeJS.Timeout | undefined
  private slot: string
  /** When the server was last heard, and how much of what it sent is not dealt with: then nothing more is read. */
  private heardAt = 0
  private pending = () => 0
  /** The commit of what is being handed over. */
  private handing: Date | null = null

  constructor(options: StreamOptions) {
    this.options = options
    this.slot = options.slot
  }

  /** Makes the slot and begins to read; resolves when changes from now on will arrive. */
  async start(): Promise<void> {
    const [server] = await this.options.admin<{ level: string; kept: string }[]>`
      select current_setting('wal_level') as level, current_setting('max_slot_wal_keep_size') as kept`
    if (server?.level !== 'logical') {
      throw new StartError('The database needs "wal_level = logical": set it and restart PostgreSQL.')
    }
    if (server.kept === '-1') {
      this.options.log.warn(
        'realtime: set max_slot_wal_keep_size in the database, so that a crash of this server cannot fill its disk',
      )
    }
    await this.dropLeftovers()
    await this.createSlot()
    this.statusTimer = setInterval(() => void this.keepAlive(), this.options.statusMs ?? STATUS_MS)
    this.statusTimer.unref()
    await new Promise<void>((resolve, reject) => {
      this.running = this.run(resolve)
      this.running.catch(reject)
    })
  }

  /** What was read and waits to be handed over: how many events, and for how many seconds the first since its commit. */
  get queue(): { events: number; seconds: number } {
    const seconds = this.handing ? Math.max(0, Date.now() - this.handing.getTime()) / 1_000 : 0
    return { events: this.pending(), seconds }
  }

  async stop(): Promise<void> {
    this.stopped = true
    clearInterval(this.statusTimer)
    await this.service?.stop().catch(() => {})
    await this.running?.catch(() => {})
    await this.dropSlot(this.slot).catch((error: unknown) => {
      this.options.log.warn({ err: error }, 'realtime: the replication slot stays behind')
    })
  }

  private async run(onStart: () => void): Promise<void> {
    let wait = 100
    while (!this.stopped) {
      try {
        await this.ensureSlot()
        if (this.stopped) return
        await this.read(() => {
          wait = 100
          this.connected = true
          onStart()
        })
      } catch (error) {
        if (this.stopped) return
        if (!isDatabaseAway(error) && !isTimeout(error)) this.failures += 1
        this.options.log.warn({ err: error }, 'realtime: the stream of changes broke off')
      }
      this.connected = false
      if (!this.stopped) await sleep(wait)
      wait = Math.min(wait * 2, MAX_WAIT_MS)
    }
  }

  /** Reads until the connection ends. */
  private async read(onStart: () => void): Promise<void> {
    const { url, publications, silenceMs = SILENCE_MS } = this.options
    const service = new LogicalReplicationService(
      // Values are printed in this session: its settings decide how timestamps, floats and bytes look.
      {
        connectionString: url,
        options: SESSION,
        keepAlive: true,
        connectionTimeoutMillis: silenceMs,
      } as never,
      { acknowledge: { auto: false, timeoutSeconds: 0 }, flowControl: { enabled: true } },
    )
    const plugin = new CountingPlugin(publications)
    const assembler = new Assembler()
    let failure: unknown = null
    this.pending = () => plugin.parsed - plugin.handled
    service.on('start', onStart)
    service.on('error', (error) => {
      failure ??= error
    })
    service.on('data', async (_lsn, { event, bytes }: Parsed) => {
      // What the package had queued before a failure must not be confirmed or handed over out of order.
      if (failure || this.stopped) return
      try {
        await this.take(assembler, event, bytes)
      } catch (error) {
        failure = error
        service.stop().catch(() => {})
      }
      plugin.handled += 1
      this.heardAt = Date.now()
    })
    service.on('heartbeat', (lsn, _time, mustAnswer) => {
      this.heardAt = Date.now()
      // Nothing is under way: everything before this point was for others, and its WAL need not be kept for us.
      if (plugin.parsed === plugin.handled && !assembler.isOpen && !failure) {
        this.advance(parseLsn(lsn))
      }
      if (mustAnswer) void this.confirm()
    })
    this.heardAt = Date.now()
    this.service = service
    try {
      await service.subscribe(plugin as never, this.slot, formatLsn(this.position))
    } finally {
      this.service = null
      this.pending = () => 0
      await service.destroy().catch(() => {})
    }
    if (failure) throw failure
  }

  private async take(assembler: Assembler, event: WalEvent | Error, bytes: number): Promise<void> {
    if (event instanceof Error) throw event
    const { transaction, endLsn } = assembler.take(event, bytes)
    // After a reconnect the server may send again what was handed over but not confirmed.
    const known = endLsn !== null && endLsn <= this.position
    if (transaction && !known) {
      this.handing = transaction.committedAt
      try {
        await this.options.onTransaction(transaction)
      } finally {
        this.handing = null
      }
    }
    if (endLsn !== null) this.advance(endLsn)
  }

  private advance(lsn: bigint): void {
    if (lsn <= this.position) return
    this.position = lsn
    this.failures = 0
  }

  private async keepAlive(): Promise<void> {
    const { silenceMs = SILENCE_MS } = this.options
    if (this.service && this.pending() === 0 && Date.now() - this.heardAt > silenceMs) {
      this.options.log.warn('realtime: the database does not answer; the stream is begun again')
      await this.service?.stop().catch(() => {})
      return
    }
    await this.confirm()
  }

  /** Tells the server up to where everything was handed over, and asks for a sign of life. */
  private async confirm(): Promise<void> {
    if (this.position === 0n || !this.connected) return
    // The package adds one to what it is given. The end of a transaction is already the position behind it, and one
    // more would skip a transaction that begins exactly there.
    await this.service?.acknowledge(formatLsn(this.position - 1n), true).catch(() => {})
  }

  /** After a break: the slot may be gone, invalidated, or still held by the connection that broke. */
  private async ensureSlot(): Promise<void> {
    const { admin, onLoss, log } = this.options
    // PostgreSQL has a reason since version 17.
    const [found] = await admin<{ lost: boolean; pid: number | null }[]>`
      select (wal_status = 'lost' or to_jsonb(s) ->> 'invalidation_reason' is not null) as lost, active_pid as pid
      from pg_replication_slots s where slot_name = ${this.slot}`
    // What fails again and again at one place would fail for ever: it is given up, and clients read it themselves.
    if (found && !found.lost && this.failures < MAX_FAILURES) {
      if (found.pid !== null) await this.endReader(found.pid)
      return
    }
    log.warn('realtime: the replication slot was lost; clients have to sync again')
    await this.dropSlot(this.slot)
    await this.createSlot()
    this.failures = 0
    onLoss()
  }

  private async createSlot(): Promise<void> {
    const [made] = await this.options.admin<{ lsn: string }[]>`
      select lsn::text from pg_create_logical_replication_slot(${this.slot}, 'pgoutput')`
    this.position = parseLsn(made?.lsn ?? '0/0')
  }

  /** Slots of this database that an earlier run left behind: each would keep WAL until the disk is full. */
  private async dropLeftovers(): Promise<void> {
    const { admin, slot } = this.options
    const [database] = await admin<{ oid: string }[]>`
      select oid::text from pg_database where datname = current_database()`
    this.slot = `${slot}_${database?.oid}`
    const leftovers = await admin<{ name: string }[]>`
      select slot_name::text as name from pg_replication_slots
      where database = current_database() and starts_with(slot_name::text, ${slot})`
    for (const { name } of leftovers) await this.dropSlot(name)
  }

  private async dropSlot(slot: string): Promise<void> {
    const { admin } = this.options
    for (let attempt = 0; ; attempt++) {
      const [found] = await admin<{ pid: number | null }[]>`
        select active_pid as pid from pg_replication_slots where slot_name = ${slot}`
      if (!found) return
      if (found.pid !== null) await this.endReader(found.pid)
      try {
        await admin`select pg_drop_replication_slot(${slot})`
        return
      } catch (error) {
        // Its reader needs a moment to end.
        if (attempt >= 50) throw error
        await sleep(50)
      }
    }
  }

  private async endReader(pid: number): Promise<void> {
    await this.options.admin`select pg_terminate_backend(${pid}, 2000)`
  }
}

const SESSION =
  '-c timezone=UTC -c datestyle=ISO -c intervalstyle=postgres -c extra_float_digits=1 -c bytea_output=hex'

/** `pg` says with words alone that a connection could not be made in time. */
function isTimeout(error: unknown): boolean {
  return error instanceof Error && /timeout/.test(error.message)
}

function parseLsn(text: string): bigint {
  const [high = '0', low = '0'] = text.split('/')
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`)
}

function formatLsn(lsn: bigint): string {
  return `${(lsn >> 32n).toString(16).toUpperCase()}/${(lsn & 0xffff_ffffn).toString(16).toUpperCase()}`
}
