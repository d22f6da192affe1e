import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { connectDatabase } from './database'
import { sortParts } from './processes'
import { createServerProcess, freePort, inherited, root } from './server'

export { freePort }

export type Secrets = {
  publishableKey: string
  secretKey: string
  jwtSecret: string
  databaseUrl: string
  signingKey: Record<string, string>
}

/** `connection` is the process of one connection to PostgreSQL. */
export type Part = 'backend' | 'postmaster' | 'next' | 'connection' | 'walsender'

/**
 * `embedded`: one process tree, one origin. `supabase`: a backend alone, in the place of a Supabase project, and the
 * front end alone, which knows of it no more than an address and keys.
 */
export type Form = 'embedded' | 'supabase'

/** The form that a run of the specs is about: `E2E_MODE=supabase npx vitest run --project e2e`. */
export const formOfRun: Form = process.env.E2E_MODE === 'supabase' ? 'supabase' : 'embedded'

/** How clients hear of changes: docs/supabase.md. */
export const TRANSPORTS = ['postgres_changes', 'broadcast'] as const
export type Transport = (typeof TRANSPORTS)[number]

/** That of all products of a run which name none: `E2E_TRANSPORT=broadcast`, for the specs. */
const transportOfRun = TRANSPORTS.find((transport) => transport === process.env.E2E_TRANSPORT)

export type ProductOptions = {
  /** `start` is the whole product, `backend` leaves Next.js out. */
  verb?: 'start' | 'backend'
  form?: Form
  transport?: Transport | undefined
  /** Settings; as a function of the address where they have to name it. */
  env?: Record<string, string> | ((url: string) => Record<string, string>)
}

/** Builds what is stale, so that no start has to wait for it. */
export async function buildProduct(): Promise<void> {
  await promisify(execFile)(process.execPath, [join(root, 'bin/build.mjs')], { cwd: root, env: inherited })
}

/** The product as somebody runs it, on ports and in a folder of its own. */
export async function startProduct({
  verb = 'start',
  form = formOfRun,
  transport = transportOfRun,
  env = {},
}: ProductOptions = {}) {
  const dataDir = await mkdtemp(join(tmpdir(), 'enterprise-chat-e2e-'))
  // As root the database runs as another user, who must be able to pass through.
  await chmod(dataDir, 0o711)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const settings = { DATA_DIR: dataDir, ...(typeof env === 'function' ? env(url) : env) }
  const readSecrets = async () => JSON.parse(await readFile(join(dataDir, 'secrets.json'), 'utf8')) as Secrets
  const alone = form === 'embedded' || verb === 'backend'
  const projectPort = alone ? port : await freePort()
  const projectUrl = `http://127.0.0.1:${projectPort}`
  // A Supabase project has the addresses of the site among its settings; passkeys are for a name, not for a number.
  const site = { SITE_URL: url, WEBAUTHN_RP_ID: 'localhost', WEBAUTHN_RP_ORIGINS: `http://localhost:${port}` }
  const backend = alone
    ? createServerProcess({ verb, port, env: settings })
    : createServerProcess({ verb: 'backend', port: projectPort, env: { ...site, ...settings } })
  const servers = [backend]
  const whole = async (work: (server: typeof backend) => Promise<void>) => {
    for (const server of servers) await work(server)
  }

  const start = () => whole((server) => server.start())
  const healthy = () => whole((server) => server.healthy())
  const recover = () => whole((server) => server.recover())
  const killEverything = () => whole((server) => server.killEverything())
  const parts = async () => sortParts((await Promise.all(servers.map((server) => server.tree()))).flat())

  /** SIGKILL to one process of the product, as the kernel does when memory runs out; `pick` is below 1 and says which. */
  async function kill(part: Part, pick = 0): Promise<void> {
    const found = await parts()
    const { connections } = found
    const target =
      part === 'next'
        ? found.next[0]
        : part === 'connection'
          ? connections[Math.floor(pick * connections.length)]
          : found[part]
    if (!target) throw new Error(`no ${part} among the processes`)
    process.kill(target.pid, 'SIGKILL')
  }

  /** Ends it as an administrator does, and keeps the data folder. */
  async function quit(): Promise<void> {
    for (const server of servers.toReversed()) await server.quit()
  }

  async function stop(): Promise<void> {
    await quit()
    await rm(dataDir, { recursive: true, force: true })
  }

  try {
    await backend.start()
    if (transport) await setTransport((await readSecrets()).databaseUrl, transport)
    if (!alone) {
      const { publishableKey, secretKey } = await readSecrets()
      const project = {
        NEXT_PUBLIC_SUPABASE_URL: projectUrl,
        NEXT_PUBLIC_SUPABASE_ANON_KEY: publishableKey,
        SUPABASE_SERVICE_ROLE_KEY: secretKey,
        // Not even a folder is shared, nor may it need one.
        DATA_DIR: '/dev/null/none',
      }
      const front = createServerProcess({ verb: 'start', port, env: project })
      servers.push(front)
      await front.start()
    }
  } catch (error) {
    await killEverything()
    throw error
  }

  return {
    url,
    port,
    form,
    /** Where the backend itself answers: the site's own address, unless it is apart. */
    projectUrl,
    dataDir,
    secrets: await readSecrets(),
    /** Switches how its clients hear of changes, while it runs. */
    setTransport: async (to: Transport) => setTransport((await readSecrets()).databaseUrl, to),
    start,
    quit,
    stop,
    kill,
    killEverything,
    recover,
    healthy,
    parts,
    exited: () => backend.exited(),
    gone: () => backend.gone(),
    output: () => servers.map((server) => server.output()).join('\n'),
  }
}

async function setTransport(databaseUrl: string, transport: Transport): Promise<void> {
  const sql = connectDatabase(databaseUrl, { max: 1 })
  await sql`select private.set_realtime_transport(${transport})`
  await sql.end()
}

export type Product = Awaited<ReturnType<typeof startProduct>>
