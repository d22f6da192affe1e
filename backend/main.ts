import { join } from 'node:path'
import { checkNotRestoring } from './backup/data-files'
import { makeDataFolder } from './data-folder'
import { type Front, startFront } from './front'
import { type AssetFolder, openAssets } from './gateway/assets'
import { lockFolder } from './lock'
import { createLogger, type Logger } from './log'
import { openPreparedDatabase, publishedUrl } from './postgres/open'
import { loadSecrets, type Secrets, saveSecrets } from './secrets'
import { openServer } from './server'
import { serviceList } from './service-list'
import { environmentWithFile, parseSettings, type Settings } from './settings'
import { errorCode, StartError } from './start-error'

/** How the whole is put together. */
export type MainOptions = {
  /** The folder that the project is in. */
  root: string
  defaultPort: number
  /**
   * A Node script with arguments to run as the front end, and the files of it that need no answer from it; the address
   * of one that runs already; or none.
   */
  front: { command: string[]; assets?: AssetFolder } | { origin: string } | null
}

/** A running installation. */
export type Running = { url: string; stop(): Promise<void> }

/** Starts everything; when a part fails, what was started is stopped again in reverse. */
export async function start(options: MainOptions, env: NodeJS.ProcessEnv = process.env): Promise<Running> {
  const { root, defaultPort, front } = options
  const settings = parseSettings(environmentWithFile(env, join(root, '.env')), { port: defaultPort, root })
  const log = createLogger(settings.logLevel)
  const undo: (() => Promise<void>)[] = []
  const stop = async () => {
    for (let step = undo.pop(); step; step = undo.pop()) {
      await step().catch((error: unknown) => log.error({ err: error }, 'A part did not stop cleanly'))
    }
  }
  try {
    if (!settings.supabaseUrl) {
      await makeDataFolder(settings.dataDir)
      const waiting = (pid: number) =>
        log.info({ process: pid }, `Waiting for an earlier process to end: it still has ${settings.dataDir}`)
      undo.push(await lockFolder(settings.dataDir, { waiting }))
      await checkNotRestoring(settings.dataDir)
    }
    const server = await openServer(settings, log)
    undo.push(() => server.gateway.close(0))
    const secrets = settings.supabaseUrl ? undefined : await loadSecrets(settings.dataDir, settings.jwtSecret)
    const { routes } = server.gateway
    let site: Front | undefined
    if (front && 'origin' in front) routes.front = front.origin
    else if (!front) routes.front = null
    else {
      if (front.assets) routes.assets = await openAssets(front.assets)
      const onChange = (origin: string | undefined) => {
        routes.front = origin
      }
      const access = frontAccess(settings, secrets, server.gateway.url())
      site = startFront({ command: front.command, env: access, log, onChange })
      undo.push(site.stop)
    }
    if (secrets) undo.push(await startBackend(settings, secrets, log, server))
    await site?.answers
    return { url: settings.siteUrl ?? server.gateway.url(), stop }
  } catch (error) {
    await stop()
    throw explain(error, settings)
  }
}

/** What the front end's server needs for the few things that row-level security cannot decide about. */
function frontAccess(settings: Settings, secrets: Secrets | undefined, url: string): Record<string, string> {
  const { supabaseUrl, supabaseAnonKey, supabaseServiceKey, siteUrl } = settings
  const access: Record<string, string> = secrets
    ? {
        SUPABASE_INTERNAL_URL: url,
        SUPABASE_ANON_KEY: secrets.publishableKey,
        SUPABASE_SERVICE_ROLE_KEY: secrets.secretKey,
      }
    : {
        SUPABASE_URL: supabaseUrl ?? '',
        SUPABASE_ANON_KEY: supabaseAnonKey ?? '',
        SUPABASE_SERVICE_ROLE_KEY: supabaseServiceKey ?? '',
      }
  return siteUrl ? { ...access, SITE_URL: siteUrl } : access
}

async function startBackend(
  settings: Settings,
  secrets: Secrets,
  log: Logger,
  server: Awaited<ReturnType<typeof openServer>>,
): Promise<() => Promise<void>> {
  const database = await openPreparedDatabase(settings, secrets, log)
  try {
    const complete = { ...secrets, databaseUrl: publishedUrl(database, settings, secrets) }
    await saveSecrets(settings.dataDir, complete)
    await server.startServices({ database, secrets: complete, factories: serviceList })
  } catch (error) {
    await server.stop()
    await database.stop()
    throw error
  }
  return async () => {
    await server.stop()
    await database.stop()
  }
}

function explain(error: unknown, { dataDir }: Settings): unknown {
  const code = errorCode(error)
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new StartError(
      `No disk space left for ${dataDir}: free some and start again. Nothing was damaged.`,
    )
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    const path = (error as NodeJS.ErrnoException).path ?? dataDir
    return new StartError(
      `${path} cannot be written (${code}): check who owns it, or choose another DATA_DIR.`,
    )
  }
  return error
}
