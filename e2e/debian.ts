import { execFileSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'

const PLACES = ['/usr/sbin', '/usr/bin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin']
const missing = new Set<string>()

/** Where programs are, installed from these packages of Debian where that is allowed; undefined: one is not there. */
export function findPrograms<Name extends string>(
  names: Name[],
  packages: string[],
): Record<Name, string> | undefined {
  const found = find(names)
  if (found || process.getuid?.() !== 0 || !find(['apt-get']) || missing.has(packages.join())) return found
  const options = { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } } as const
  try {
    // Another test file may be installing at this moment.
    const patience = ['-o', 'DPkg::Lock::Timeout=300']
    execFileSync('apt-get', ['update', ...patience], options)
    execFileSync('apt-get', ['install', '-y', '--no-install-recommends', ...patience, ...packages], options)
  } catch {
    // No network, or no such package: the tests say that they are skipped.
    missing.add(packages.join())
  }
  return find(names)
}

function find<Name extends string>(names: Name[]): Record<Name, string> | undefined {
  const places = names.map((name) => [name, PLACES.map((folder) => join(folder, name)).find(isProgram)])
  return places.every(([, place]) => place) ? Object.fromEntries(places) : undefined
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
