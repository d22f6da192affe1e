import type { Logger } from 'pino'
import * as metrics from '../metrics/metrics'
import { connectionsWithin } from '../open-files'
import type { Deps, Service } from '../services'
import { Access } from './access'
import { Between } from './changes/between'
import { Callers } from './changes/callers'
import { Catalogue } from './changes/catalogue'
import { ChangeSubscriptions } from './changes/change-subscriptions'
import { Conditions } from './changes/conditions'
import { Dispatcher } from './changes/dispatcher'
import { createPublication, followTables, OWN_PUBLICATION } from './changes/publication'
import { Subscriptions } from './changes/subscriptions'
import { Visibility } from './changes/visibility'
import type { Channel } from './channel'
import { Feed } from './feed'
import { Horizon } from './horizon'
import { createHttp } from './http'
import type { Hub } from './hub'
import { defaultLimits, type Limits } from './limits'
import { openPools } from './pools'
import { Presence } from './presence'
import { Principals } from './principals'
import { Quota, Rates, Windows } from './rates'
import { Replays } from './replay'
import { Broadcasts, type Send } from './server-broadcast'
import { Sessions } from './sessions'
import { Sockets } from './sockets'
import { Topics } from './topics'
import { WalStream } from './wal/stream'
import { createWatch } from './watch'

const SLOT = 'enterprise_chat_realtime'
/** What is sent from SQL: see schema.sql. */
const MESSAGES_PUBLICATION = 'supabase_realtime_messages_publication'
const PARTITIONS_MS = 6 * 60 * 60_000

/** Supabase Realtime, under `/realtime/v1`: broadcast, presence and row changes over WebSockets. */
export function createRealtime(deps: Deps, overrides: Partial<Limits> = {}): Service {
  const { database, log } = deps
  const limits = withinFiles({ ...defaultLimits, ...deps.settings.realtime, ...overrides }, log)
  const keys = { secrets: deps.secrets, tokens: deps.tokens }
  const pools = openPools(database)
  const horizon = new Horizon()
  const subscriptions = new Subscriptions()
  const between = new Between()
  const principals = new Principals<Channel>()
  const topics = new Topics<Channel>()
  const access = new Access(pools.asking, horizon)
  const catalogue = new Catalogue({
    sql: pools.admin,
    horizon,
    log,
    listenTo: (tables) => followTables(pools.admin, tables),
  })
  const conditions = new Conditions(pools, log)
  const callers = new Callers(pools.asking, horizon)
  const visibility = new Visibility({ asking: pools.asking, reader: pools.admin, horizon, callers, log })
  const hub: Hub = {
    limits,
    log,
    keys,
    site: { siteUrl: deps.settings.siteUrl, trustedProxies: deps.settings.trustedProxies },
    persons: new Quota(limits.maxSocketsPerPerson),
    joins: new Rates(limits.maxJoinsPerSecond),
    messages: new Rates(limits.maxMessagesPerPerson),
    bytes: new Rates(limits.maxBytesPerPerson),
    socketRates: {
      joins: new Windows(limits.maxJoinsPerSecond),
      frames: new Windows(limits.maxFramesPerSecond),
      bytes: new Windows(limits.maxFrameBytesPerSecond),
    },
    channelRates: {
      messages: new Windows(limits.maxMessagesPerSecond),
      bytes: new Windows(limits.maxBytesPerSecond),
      presenceCalls: new Windows(limits.maxPresenceCalls, limits.presenceWindowMs),
    },
    principals,
    topics,
    presence: new Presence<Channel>(limits),
    access,
    sessions: new Sessions(pools.admin, horizon),
    // Half of what a socket may have waiting: a replay must not end the connection that asked for it.
    replays: new Replays(pools.admin, horizon, limits.maxBufferedBytes / 2),
    changes: new ChangeSubscriptions(catalogue, conditions, subscriptions, callers, between, limits),
  }
  const sockets = new Sockets(hub)
  const send: Send = (topic, body) => topics.broadcast(topic, body)
  const feed = new Feed({
    horizon,
    catalogue,
    subscriptions,
    callers,
    dispatcher: new Dispatcher({
      reader: pools.admin,
      subscriptions,
      conditions,
      visibility,
      between,
      maxRecordBytes: limits.maxRecordBytes,
    }),
    broadcasts: new Broadcasts({ send, maxBytes: limits.maxBroadcastBytes, log }),
    watch: createWatch(principals, hub.sessions),
    log,
    settle: async () => {
      await horizon.ask(async () => {
        const [row] = await pools.asking<
          { snapshot: string }[]
        >`select pg_current_snapshot()::text as snapshot`
        return row ?? { snapshot: '0:0:' }
      })
    },
  })
  const stream = new WalStream({
    url: database.url('supabase_admin'),
    admin: pools.admin,
    log,
    slot: SLOT,
    publications: ['supabase_realtime', MESSAGES_PUBLICATION, OWN_PUBLICATION],
    onTransaction: (transaction) => feed.take(transaction),
    onLoss: () => {
      feed.reset()
      sockets.closeAll(1012, 'changes were lost, please sync again')
    },
  })
  const measured: (() => void)[] = []
  let partitions: NodeJS.Timeout | undefined
  const keepPartitions = async () => {
    await pools.admin`select realtime.maintain_partitions()`
  }

  return {
    name: 'realtime',
    app: createHttp({ hub, send }),
    upgrade: (request, socket, head) => sockets.upgrade(request, socket, head),
    async start() {
      await keepPartitions()
      partitions = setInterval(() => {
        keepPartitions().catch((error: unknown) => log.warn({ err: error }, 'realtime: partitions'))
      }, PARTITIONS_MS)
      partitions.unref()
      await createPublication(pools.admin)
      await stream.start()
      await catalogue.get()
      sockets.start()
      measured.push(metrics.sockets.add(() => sockets.size))
      measured.push(metrics.streams.add(() => Number(stream.connected)))
      measured.push(metrics.waiting.add(() => stream.queue.events, 'changes'))
      measured.push(metrics.changeLag.add(() => stream.queue.seconds))
    },
    drain: () => sockets.drain(),
    async stop() {
      clearInterval(partitions)
      for (const forget of measured) forget()
      await sockets.drain()
      await stream.stop()
      await pools.end()
    },
  }
}

/** No more sockets than the system lets this process open: whoever is refused with 429 comes again, others chat on. */
function withinFiles(limits: Limits, log: Logger): Limits {
  const { sockets } = connectionsWithin()
  if (limits.maxSockets <= sockets) return limits
  log.warn({ sockets }, 'realtime: the limit of open files allows fewer WebSockets than REALTIME_MAX_SOCKETS')
  return { ...limits, maxSockets: sockets }
}
