import { createHash, randomBytes } from 'node:crypto'
import { chmod, cp, lstat, mkdir, mkdtemp, readdir, realpath, rename, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { errorCode, StartError } from '../start-error'
import type { Binaries } from './binaries'
import { canEnter, privateFolder, type SystemUser } from './system-user'

/** Where root keeps what its helper user cannot reach in its own place, such as a clone under /root. */
const shared = '/var/lib/enterprise-chat'

/**
 * The real folder of the cluster. Normally the one asked for; when its user cannot enter a folder above it, a
 * new one under /var/lib and a symbolic link to it. Nobody's permissions are loosened.
 */
export async function placeCluster(wanted: string, user: SystemUser): Promise<string> {
  const present = await lstat(wanted).catch(() => undefined)
  if (present?.isSymbolicLink()) {
    return realpath(wanted).catch(() => {
      throw new StartError(`${wanted} points to a folder that is gone: bring it back, or remove the link.`)
    })
  }
  const above = dirname(resolve(wanted))
  if (!user || (await canEnter(above, user))) return resolve(wanted)
  const moved = join(shared, randomBytes(8).toString('hex'))
  await mkdir(shared, { recursive: true, mode: 0o711 })
  if (present) await moveFolder(wanted, moved)
  await symlink(moved, wanted)
  return moved
}

async function moveFolder(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if (errorCode(error) !== 'EXDEV') throw error
    await cp(from, to, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true })
    await rm(from, { recursive: true })
  }
}

/** Binaries that the user can run: the installed ones, or a copy of them, made once per version. */
export async function placeBinaries(binaries: Binaries, user: SystemUser): Promise<string> {
  if (!user || (await canEnter(join(binaries.root, 'bin'), user))) return binaries.root
  const copy = join(shared, `postgres-${binaries.version}`)
  if (await lstat(copy).catch(() => undefined)) return copy
  await mkdir(shared, { recursive: true, mode: 0o711 })
  const draft = await mkdtemp(`${copy}.`)
  await cp(binaries.root, draft, { recursive: true, verbatimSymlinks: true })
  await openForReading(draft)
  // Another installation may have made the same copy meanwhile.
  await rename(draft, copy).catch(() => rm(draft, { recursive: true, force: true }))
  return copy
}

async function openForReading(folder: string): Promise<void> {
  await chmod(folder, 0o755)
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isSymbolicLink()) await chmod(join(entry.parentPath, entry.name), 0o755)
  }
}

// The kernel's limit is 107 bytes for folder, "/.s.PGSQL." and a port of up to five digits.
const longestSocketFolder = 107 - '/.s.PGSQL.65535.lock'.length

/** A private folder for the socket, with a path that is short enough for one. */
export async function placeSocket(dataFolder: string, user: SystemUser): Promise<string> {
  const name = createHash('sha256').update(resolve(dataFolder)).digest('hex').slice(0, 12)
  const runtime = process.env.XDG_RUNTIME_DIR
  const candidates = [
    join(resolve(dataFolder), 'run'),
    user ? `/run/enterprise-chat/${name}` : runtime && join(runtime, `enterprise-chat-${name}`),
  ]
  for (const folder of candidates) {
    if (!folder || Buffer.byteLength(folder) > longestSocketFolder) continue
    if (await makeSocketFolder(folder, user)) return folder
  }
  const folder = await mkdtemp(join(tmpdir(), 'enterprise-chat-'))
  await privateFolder(folder, user)
  return folder
}

async function makeSocketFolder(folder: string, user: SystemUser): Promise<boolean> {
  try {
    await mkdir(dirname(folder), { recursive: true, mode: 0o711 })
    await privateFolder(folder, user)
    await chmod(folder, 0o700)
    return await canEnter(folder, user)
  } catch {
    return false
  }
}
