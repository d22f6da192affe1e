import { type Logger, pino } from 'pino'

export type { Logger } from 'pino'

/** A logger that writes one JSON object per line. Nothing that is logged may hold a token, a key or a body. */
export function createLogger(level: string): Logger {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: describeError },
  })
}

/** What may be logged of an error: not its `detail`, `parameters` or `query`, which hold what people write. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: String(error) }
  const code = 'code' in error ? error.code : undefined
  return { name: error.name, code, message: error.message, stack: error.stack }
}

/** Logs a line of PostgreSQL's own log. */
export function logDatabaseLine(log: Logger, line: string): void {
  const [, user, level = 'LOG', message = line] = /^(?:(\S+) )?([A-Z]+): {2}(.*)$/.exec(line) ?? []
  // What happens in a session is its client's business and is reported there.
  const own = user === undefined || level === 'PANIC'
  if (own && ['ERROR', 'FATAL', 'PANIC'].includes(level)) log.error({ part: 'postgres' }, message)
  else if (own && level === 'WARNING') log.warn({ part: 'postgres' }, message)
  else log.debug({ part: 'postgres', level }, message)
}
