import { readFileSync } from 'node:fs'

/** How many files and sockets this process may have open; undefined where the system does not tell. */
export function openFilesLimit(): number | undefined {
  let limits = ''
  try {
    limits = readFileSync('/proc/self/limits', 'utf8')
  } catch {
    return undefined
  }
  // Node raises its own limit to the hard one when it starts.
  const [, hard] = /^Max open files\s+\S+\s+(\S+)/m.exec(limits) ?? []
  if (!hard) return undefined
  return hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard)
}

/** What the database, the front end and files of people need: those who connect may not take it. */
const RESERVED = 256

/**
 * How many connections may stand, and how many of them may be WebSockets: beyond the limit of the system nothing can be
 * opened any more, not even what those need who are connected already.
 */
export function connectionsWithin(limit = openFilesLimit() ?? Number.POSITIVE_INFINITY) {
  const connections = limit - Math.min(RESERVED, Math.floor(limit / 4))
  return { connections, sockets: Number.isFinite(connections) ? Math.floor(connections * 0.75) : connections }
}
