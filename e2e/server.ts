import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Process, processTree } from './processes'

export const root = fileURLToPath(new URL('..', import.meta.url))
// What the test runner sets is not what an administrator has.
const { NODE_ENV: _, NODE_OPTIONS: __, ...environment } = process.env
export const inherited = environment as NodeJS.ProcessEnv

type Options = {
  /** `start` is the whole product, `backend` leaves Next.js out. */
  verb: 'start' | 'backend'
  port: number
  env: Record<string, string>
}

/** One `npm start` or `npm run backend`, with everything that it starts itself. */
export function createServerProcess({ verb, port, env }: Options) {
  let child: ChildProcess | undefined
  let output = ''

  async function start(): Promise<void> {
    const started = spawn(process.execPath, [join(root, `bin/${verb}.mjs`)], {
      cwd: root,
      env: { ...inherited, HOST: '127.0.0.1', PORT: String(port), ...env },
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

  /** Resolves when it says it is ready; fails at once when its process has ended. */
  async function healthy(): Promise<void> {
    for (const end = Date.now() + 120_000; ; ) {
      if (exited())
        throw new Error(`the product exited with ${child?.exitCode ?? child?.signalCode}\n${output}`)
      const response = await fetch(`http://127.0.0.1:${port}/api/health`).catch(() => undefined)
      if (response?.ok) return
      if (Date.now() > end) throw new Error(`the product is not ready: ${response?.status}\n${output}`)
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  }

  const exited = () => !child || hasEnded(child)
  const tree = async (): Promise<Process[]> => (exited() ? [] : await processTree(child?.pid as number))

  async function gone(): Promise<void> {
    if (child) await ended(child)
  }

  return {
    start,
    healthy,
    exited,
    gone,
    tree,
    output: () => output,
    async killEverything(): Promise<void> {
      // While its processes are listed it may end by itself, and another be started: that one is not waited for.
      const victim = child
      if (!victim || hasEnded(victim)) return
      for (const { pid } of await processTree(victim.pid as number)) signal(pid, 'SIGKILL')
      await ended(victim)
    },
    /** After a kill: waits for its own recovery, or starts it again where the whole of it went down. */
    async recover(): Promise<void> {
      await healthy().catch(async (error) => {
        if (!exited()) throw error
        await start()
      })
    },
    /** Ends it as an administrator does. */
    async quit(): Promise<void> {
      if (!exited()) child?.kill('SIGTERM')
      await gone()
    },
  }
}

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
