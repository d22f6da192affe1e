import { createGateway, type Gateway } from './gateway'
import type { Logger } from './log'
import { createServerMetrics } from './metrics/database-metrics'
import { registry } from './metrics/metrics'
import type { Database } from './postgres/database'
import type { Secrets } from './secrets'
import type { Service, ServiceFactory } from './services'
import type { Settings } from './settings'
import { createTokens } from './tokens'

/** What the services of the embedded backend need, once the database is there. */
export type Ground = { database: Database; secrets: Secrets; factories: ServiceFactory[] }

/** The gateway with what is behind it. */
export type Server = {
  gateway: Gateway
  /** Starts the services and opens their paths. */
  startServices(ground: Ground): Promise<void>
  /** Drains and stops the services and gives the port back. The database is its owner's to stop. */
  stop(): Promise<void>
}

/** Takes the port at once, so that a port in use is told before anything is touched. */
export async function openServer(settings: Settings, log: Logger): Promise<Server> {
  let ground: Ground | undefined
  let services: Service[] = []
  const own = createServerMetrics(settings, () => ground?.database)
  const gateway = createGateway({
    settings,
    log,
    publicKey: () => settings.supabaseAnonKey ?? ground?.secrets.publishableKey,
    health: () => checkHealth(ground?.database, gateway),
    metrics: async () => `${await registry.metrics()}\n${await own.read()}`,
  })
  if (settings.supabaseUrl) gateway.routes.supabaseOrigin = settings.supabaseUrl
  await gateway.listen()

  return {
    gateway,
    async startServices(given) {
      ground = given
      const { signingKey, jwtSecret } = given.secrets
      const issuer = () => `${settings.siteUrl ?? gateway.url()}/auth/v1`
      const tokens = createTokens({ signingKey, jwtSecret, issuer })
      const deps = { settings, secrets: given.secrets, tokens, database: given.database }
      services = given.factories.map((create) => create({ ...deps, log }))
      for (const service of services) await service.start()
      gateway.routes.services = services
    },
    async stop() {
      const closed = gateway.close()
      await Promise.allSettled(services.map((service) => service.drain?.()))
      await closed
      await Promise.allSettled(services.map((service) => service.stop()))
    },
  }
}

async function checkHealth(database: Database | undefined, { routes }: Gateway) {
  const parts: Record<string, string> = {}
  if (!routes.supabaseOrigin) {
    parts.database = await checkDatabase(database)
    parts.services = routes.services ? 'ok' : 'starting'
  }
  if (routes.front !== null) parts.front = routes.front ? 'ok' : 'starting'
  return { ready: Object.values(parts).every((state) => state === 'ok'), parts }
}

async function checkDatabase(database: Database | undefined): Promise<string> {
  if (!database) return 'starting'
  const asked = database.admin`select 1`.then(
    () => 'ok',
    () => 'away',
  )
  const late = new Promise<string>((resolve) => setTimeout(resolve, 2000, 'slow').unref())
  return Promise.race([asked, late])
}
