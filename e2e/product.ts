import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { processTree, sortParts } from './processes'

const root = fileURLToPath(new URL('..', import.meta.url))
// What the test runner sets is not what an administrator has.
const { NODE_ENV: _, NODE_OPTIONS: __, ...inherited } = process.env

export type Secrets = {
  publishableKey: string
  secretKey: string
  jwtSecret: string
  databaseUrl: string
  signingKey: Record<string, string>
}

/** `connection` is the process of one connection to PostgreSQL. */
export type Part = 'backend' | 'postmaster' | 'next' | 'connection' | 'walsender'

export type ProductOptions = {
  /** `start` is the whole product, `backend` leaves Next.js out. */
  verb?: 'start' | 'backend'
  /** Settings; as a function of the address where they have to name it. */
  env?: Record<string, string> | ((url: string) => Record<string, string>)
}

/** Builds what is stale, so that no start has to wait for it. */
export async function buildProduct(): Promise<void> {
  await promisify(execFile)(process.execPath, [join(root, 'bin/build.mjs')], {
    cwd: root,
    env: inherited as never,
  })
}

/** The product as somebody runs it: `npm start` in a folder of its own, on a port of its own. */
export async function startProduct({ verb = 'start', env = {} }: ProductOptions = {}) {
  const dataDir = await mkdtemp(join(tmpdir(), 'enterprise-chat-e2e-'))
  // As root the database runs as another user, who must be able to pass through.
  await chmod(dataDir, 0o711)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const settings = typeof env === 'function' ? env(url) : env
  let child: ChildProcess | undefined
  let output = ''

  async function start(): Promise<void> {
    const started = spawn(process.execPath, [join(root, `bin/${verb}.mjs`)], {
      cwd: root,
      env: { ...inherited, HOST: '127.0.0.1', PORT: String(port), DATA_DIR: dataDir, ...settings } as never,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child = started
    for (const stream of [started.stdout, started.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk
      })
    }
    await healthy()
  }

  /** Resolves when the product says it is ready; fails at once when its process has ended. */
  async function healthy(): Promise<void> {
    for (const end = Date.now() + 120_000; ; ) {
      if (exited())
        throw new Error(`the product exited with ${child?.exitCode ?? child?.signalCode}\n${output}`)
      const response = await fetch(`${url}/api/health`).catch(() => undefined)
      if (response?.ok) return
      if (Date.now() > end) throw new Error(`the product is not ready: ${response?.status}\n${output}`)
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  }

  const exited = () => !child || hasEnded(child)
  const parts = async () => sortParts(exited() ? [] : await processTree(child?.pid as number))

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

  async function killEverything(): Promise<void> {
    // While its processes are listed it may end by itself, and another be started: that one is not waited for.
    const victim = child
    if (!victim || hasEnded(victim)) return
    for (const { pid } of await processTree(victim.pid as number)) signal(pid, 'SIGKILL')
    await ended(victim)
  }

  async function gone(): Promise<void> {
    if (child) await ended(child)
  }

  /** After a kill: waits for the product's own recovery, or starts it again where the whole of it went down. */
  async function recover(): Promise<void> {
    await healthy().catch(async (error) => {
      if (!exited()) throw error
      await start()
    })
  }

  /** Ends it as an administrator does, and keeps the data folder. */
  async function quit(): Promise<void> {
    if (!exited()) child?.kill('SIGTERM')
    await gone()
  }

  async function stop(): Promise<void> {
    await quit()
    await rm(dataDir, { recursive: true, force: true })
  }

  await start().catch(async (error) => {
    await killEverything()
    throw error
  })
  const secrets = JSON.parse(await readFile(join(dataDir, 'secrets.json'), 'utf8')) as Secrets

  return {
    url,
    port,
    dataDir,
    secrets,
    start,
    quit,
    stop,
    kill,
    killEverything,
    recover,
    healthy,
    parts,
    exited,
    gone,
    output: () => output,
  }
}

export type Product = Awaited<ReturnType<typeof startProduct>>

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (!address || typeof address === 'string') throw new Error('no port')
  return address.port
}

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null

async function ended(child: ChildProcess): Promise<void> {
  if (!hasEnded(child)) await new Promise((resolve) => child.once('exit', resolve))
}

function signal(pid: number, name: NodeJS.Signals) {
  try {
    process.kill(pid, name)
  } catch {
    // It went by itself between the listing and the signal.
  }
}
