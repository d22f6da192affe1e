import { execFile } from 'node:child_process'
import { chown, lchown, lstat, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { StartError } from '../start-error'

const run = promisify(execFile)

/** Who PostgreSQL runs as. Empty for an ordinary user: then it runs as ourselves. */
export type SystemUser = { uid: number; gid: number } | undefined

const dedicated = 'enterprise-chat'

/**
 * PostgreSQL refuses to run as root, so root lends it another user: the owner of an existing cluster, else a
 * system user of our own, else `postgres`, else `nobody`.
 */
export async function chooseSystemUser(clusterFolder: string): Promise<SystemUser> {
  if (process.getuid?.() !== 0) return undefined
  const owner = await lstat(clusterFolder).catch(() => undefined)
  if (owner?.isDirectory() && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid }
  const user = (await lookUp(dedicated)) ?? (await createUser()) ?? (await lookUp('postgres'))
  const chosen = user ?? (await lookUp('nobody'))
  if (chosen) return chosen
  throw new StartError(
    'PostgreSQL refuses to run as root and this machine has no other user for it: create one with "useradd --system enterprise-chat".',
  )
}

async function createUser(): Promise<SystemUser> {
  const attempts = [
    ['useradd', '--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', dedicated],
    ['adduser', '-S', '-D', '-H', '-s', '/sbin/nologin', dedicated],
  ]
  for (const [command = '', ...args] of attempts) {
    const made = await run(command, args).then(
      () => true,
      () => false,
    )
    // Another process that starts at the same moment may have made it first, which is as good.
    const user = await lookUp(dedicated)
    if (made || user) return user
  }
  return undefined
}

async function lookUp(name: string): Promise<SystemUser> {
  const id = async (flag: string) => Number((await run('id', [flag, name])).stdout)
  try {
    return { uid: await id('-u'), gid: await id('-g') }
  } catch {
    return undefined
  }
}

/** Whether that user can enter a folder, asked of the kernel and not worked out from mode bits. */
export async function canEnter(folder: string, user: SystemUser): Promise<boolean> {
  return run('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { ...user, cwd: '/' }).then(
    () => true,
    () => false,
  )
}

/** Makes a private folder (0700) that belongs to that user. */
export async function privateFolder(path: string, user: SystemUser): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  if (user) await chown(path, user.uid, user.gid)
}

/** Hands a folder and everything in it, or only the named files in it, over to that user. */
export async function handOver(path: string, user: SystemUser, names?: string[]): Promise<void> {
  if (!user) return
  const entries = names ?? (await readdir(path, { recursive: true }))
  if (!names) await lchown(path, user.uid, user.gid)
  for (const entry of entries) await lchown(join(path, entry), user.uid, user.gid)
}
