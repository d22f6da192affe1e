import { type MainOptions, type Running, start } from './main'
import { errorCode, StartError } from './start-error'

/** For tools that work on a database without a server. */
export { sealOfProviders } from './auth/seal'
export { listMigrations, migrate } from './postgres/migrate'

/** Runs until Ctrl-C or SIGTERM. A reason not to start is one line, and the exit code tells. */
export async function runProcess(options: MainOptions & { name: string }): Promise<void> {
  process.title = 'enterprise-chat'
  let running: Running | undefined
  let stopping = false
  const stop = (signal: NodeJS.Signals) => {
    // A second Ctrl-C means: now. PostgreSQL's watchdog stops it cleanly even then.
    if (stopping) process.exit(1)
    stopping = true
    if (!running) return
    say(`${signal === 'SIGINT' ? '\n' : ''}Stopping…`)
    void running.stop().then(() => process.exit(0))
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
  // Whoever read what we say may be gone. Saying that it could not be said would fail in the same way, for ever.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  process.on('unhandledRejection', (reason) => fail('A promise was rejected and nobody noticed', reason))
  process.on('uncaughtException', (error) => {
    // A socket that broke where nobody listened is one connection lost, and no reason to end all others.
    if (isConnectionError(error)) {
      fail('A connection broke and nobody noticed', error)
      return
    }
    fail('Stopping after an unexpected error', error)
    const end = () => process.exit(1)
    if (running) void running.stop().then(end, end)
    else end()
  })
  try {
    running = await start(options)
  } catch (error) {
    if (error instanceof StartError) process.stderr.write(`${error.message}\n`)
    else fail('Could not start', error)
    process.exit(1)
  }
  if (stopping) {
    await running.stop()
    process.exit(0)
  }
  say(`${options.name} is ready at ${running.url}`)
}

function isConnectionError(error: Error): boolean {
  return 'syscall' in error && ['EPIPE', 'ECONNRESET', 'ETIMEDOUT'].includes(errorCode(error) ?? '')
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

function fail(what: string, error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(`${what}: ${text}\n`)
}
