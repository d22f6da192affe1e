import { readdir, stat, statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import { totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { lockHolder } from '../../lock'
import { openFilesLimit } from '../../open-files'
import { defaultLimits } from '../../realtime/limits'
import type { Settings } from '../../settings'
import { errorCode } from '../../start-error'
import { size } from '../say'
import { error, type Finding, ok, warning } from './finding'

const GIGABYTE = 1_000_000_000

/** Whether the port is free, or ours. */
export async function checkPort({ port, host, dataDir }: Settings): Promise<Finding> {
  const holder = await lockHolder(dataDir)
  if (holder) {
    const name = ['', '0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
    const url = `http://${name}:${port}/api/health`
    const answer = await fetch(url, { signal: AbortSignal.timeout(5000) }).catch(() => undefined)
    if (!answer) return error(`process ${holder} does not answer at ${url}: look into its log, restart it.`)
    const { status, parts } = (await answer.json()) as { status?: string; parts?: Record<string, string> }
    if (answer.ok) return ok(`${port}, served by process ${holder}`)
    return error(
      `process ${holder} is not ready (${status ?? answer.status} ${JSON.stringify(parts)}): see its log.`,
    )
  }
  const code = await new Promise<string | undefined>((resolve) => {
    const server = createServer()
    server.once('error', (failure) => resolve(errorCode(failure) ?? failure.message))
    server.listen({ port, ...(host ? { host } : {}) }, () => server.close(() => resolve(undefined)))
  })
  if (!code) return ok(`${port} is free; the server is not running`)
  if (code === 'EADDRINUSE')
    return error(`${port} is used by another program: stop it, or set PORT to another.`)
  return error(`${host || 'this machine'} port ${port} cannot be used (${code}): change HOST or PORT.`)
}

/** Space where the data is. `space` tells free and all bytes of a folder's disk. */
export async function checkDisk({ dataDir }: Settings, space = diskOf): Promise<Finding> {
  const { free, total } = await space(await firstThere(dataDir))
  const text = `${size(free)} of ${size(total)} free for ${dataDir}`
  if (free < GIGABYTE) return error(`${text}: free some now, or writes will fail.`)
  if (free < 5 * GIGABYTE && free < total / 10) return warning(`${text}: free some, or move DATA_DIR.`)
  return ok(text)
}

async function diskOf(folder: string): Promise<{ free: number; total: number }> {
  const disk = await statfs(folder)
  return { free: disk.bavail * disk.bsize, total: disk.blocks * disk.bsize }
}

async function firstThere(path: string): Promise<string> {
  const there = await stat(path).catch(() => undefined)
  return there || path === dirname(path) ? path : firstThere(dirname(path))
}

/** Memory of the machine or of the container, in bytes. */
export async function checkMemory(_settings: Settings, memory = memoryBytes()): Promise<Finding> {
  const text = `${size(memory)}`
  if (memory < 0.9 * GIGABYTE) return error(`${text}: at least 1 GB is needed, 2 GB for a company.`)
  if (memory < 1.8 * GIGABYTE) return warning(`${text}: enough for a team; give a company 2 GB.`)
  return ok(text)
}

function memoryBytes(): number {
  // A container's limit; a number beyond all memory stands for none.
  const limit = process.constrainedMemory()
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem()
}

/** How many sockets may be open. */
export async function checkFileLimit({ realtime }: Settings, limit?: number): Promise<Finding> {
  const files = limit ?? openFilesLimit()
  if (files === undefined) return ok('not told by this system')
  const sockets = realtime.maxSockets ?? defaultLimits.maxSockets
  const text = `${files} open files`
  const remedy = 'raise it (LimitNOFILE in systemd, --ulimit nofile in Docker, ulimit -n in a shell).'
  if (files < 1024) return error(`${text}: ${remedy}`)
  if (files < sockets + 1000) return warning(`${text} for up to ${sockets} WebSockets: ${remedy}`)
  return ok(text)
}

/** Tokens and times of messages need a clock that does not go backwards; nobody else is asked for the time. */
export async function checkClock({ dataDir }: Settings, now = Date.now()): Promise<Finding> {
  const files = await readdir(dataDir).catch(() => [])
  const times = await Promise.all(
    files.map((name) => stat(join(dataDir, name)).then((found) => found.mtimeMs)),
  )
  const ahead = Math.max(0, ...times) - now
  const text = new Date(now).toISOString()
  const remedy = 'set it and let it follow a time server (timedatectl set-ntp true).'
  if (now < Date.UTC(2025, 0, 1)) return error(`${text} is long ago: ${remedy}`)
  if (ahead > 120_000) {
    return error(
      `${text} is ${Math.round(ahead / 60_000)} minutes before files of ${dataDir} were written: ${remedy}`,
    )
  }
  return ok(text)
}

/** Nobody else may read keys. */
export async function checkPermissions({ dataDir }: Settings): Promise<Finding> {
  const open: string[] = []
  let count = 0
  for (const name of ['secrets.json', 'saml-key.json']) {
    const path = join(dataDir, name)
    const found = await stat(path).catch((failure: unknown) => {
      if (errorCode(failure) === 'ENOENT') return undefined
      throw failure
    })
    if (!found) continue
    count += 1
    if ((found.mode & 0o077) !== 0) open.push(path)
  }
  if (open.length > 0) return error(`others can read ${open.join(' and ')}: chmod 600 ${open.join(' ')}`)
  return ok(count > 0 ? `only their owner can read them` : 'not made yet')
}
