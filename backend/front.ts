import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from './log'

/** How the front end is run. */
export type FrontOptions = {
  /** A Node script and its arguments. It serves on PORT and ends when its IPC channel does. */
  command: string[]
  /** What it gets besides our own environment: how it reaches the backend. */
  env?: Record<string, string>
  log: Logger
  /** Called with the address when it answers, and with undefined when it is gone. */
  onChange(origin: string | undefined): void
}

/** The front end's process. */
export type Front = {
  /** When it has answered for the first time; or when it takes so long that nobody should wait for it. */
  answers: Promise<void>
  stop(): Promise<void>
}

// The front end gets nothing that it does not need: no database, and of the backend's secrets only the key in `env`.
const withheld = ['DATABASE_URL', 'JWT_SECRET', 'NODE_OPTIONS', 'HOST']

/** Runs the front end as a process of its own on a loopback port, and again when it dies. */
export function startFront({ command, env: given = {}, log, onChange }: FrontOptions): Front {
  let answered = () => {}
  const firstAnswer = new Promise<void>((resolve) => {
    answered = resolve
  })
  let child: ChildProcess | undefined
  let stopping = false

  async function run(): Promise<void> {
    const port = await freePort()
    const env: NodeJS.ProcessEnv = { ...process.env, HOSTNAME: '127.0.0.1', NEXT_TELEMETRY_DISABLED: '1' }
    for (const name of withheld) delete env[name]
    Object.assign(env, given, { PORT: String(port) })
    const started = spawn(process.execPath, command, {
      env,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Not in our group: it is told to stop after the last page has been served.
      detached: true,
    })
    child = started
    for (const stream of [started.stdout, started.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => log.debug({ part: 'front' }, line))
    }
    const gone = once(started, 'exit').then(() => true)
    const answering = waitForPort(port, gone)
    if (await answering) {
      onChange(`http://127.0.0.1:${port}`)
      answered()
    }
    await gone
    onChange(undefined)
  }

  async function supervise(): Promise<void> {
    for (let pause = 100; !stopping; ) {
      const started = Date.now()
      await run().catch((error) =>
        log.error({ part: 'front', err: error }, 'The front end could not be started'),
      )
      if (stopping) return
      // One that ran for a while starts again at once; one that dies at once is not hammered.
      pause = Date.now() - started > 30_000 ? 100 : Math.min(pause * 2, 10_000)
      log.error({ part: 'front' }, 'The front end stopped unexpectedly and is started again')
      await sleep(pause)
    }
  }

  const ended = supervise()
  return {
    answers: Promise.race([firstAnswer, sleep(60_000, undefined, { ref: false })]),
    async stop() {
      stopping = true
      if (!child || child.exitCode !== null || child.signalCode !== null) return
      const timer = setTimeout(() => child?.kill('SIGKILL'), 5000)
      child.kill('SIGTERM')
      await Promise.race([ended, once(child, 'exit')])
      clearTimeout(timer)
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('No free port')
  return address.port
}

async function waitForPort(port: number, gone: Promise<boolean>): Promise<boolean> {
  let over = false
  void gone.then(() => {
    over = true
  })
  while (!over) {
    if (await answers(port)) return true
    await sleep(50)
  }
  return false
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket.destroy() !== undefined))
    socket.once('error', () => resolve(false))
  })
}
