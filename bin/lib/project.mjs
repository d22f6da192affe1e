import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder that the project is in. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** Which state of `patches/` the installed packages have. */
const PATCHED = 'node_modules/.patches'

/** The path of a file of the project. */
export const inProject = (...names) => join(root, ...names)

/** Prints one line and ends with exit code 1. */
export function fail(message) {
  console.error(message)
  process.exit(1)
}

/** Ends with a clear word on a Node that is too old. Uses nothing that an old one would stumble over. */
export function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  fail(
    `Node ${process.versions.node} is too old: install Node 20.19 or newer (https://nodejs.org) and try again.`,
  )
}

/**
 * Ends this process when npm ends: npm hands a signal to the shell between the two, and that dies of it without
 * passing it on.
 */
export function endWithNpm() {
  if (!process.env.npm_lifecycle_event) return
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    process.kill(process.pid, 'SIGTERM')
  }, 500)
  timer.unref()
}

/**
 * Runs a program to its end. Resolves with whether it succeeded. Its output is passed through; with `onFailure` it
 * is kept back, and handed over if the program fails.
 */
export function run(command, args, { env = {}, onFailure } = {}) {
  return new Promise((resolve) => {
    const output = onFailure ? 'pipe' : 'inherit'
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', ...env },
      stdio: ['ignore', output, output],
    })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        text += chunk
      })
    }
    child.once('error', (error) => {
      console.error(`${command}: ${error.message}`)
      resolve(false)
    })
    child.once('close', (code) => {
      if (code !== 0) onFailure?.(text)
      resolve(code === 0)
    })
  })
}

/** Runs a Node program of an installed package. */
export function runPackage(path, args, options) {
  return run(process.execPath, [inProject('node_modules', path), ...args], options)
}

/** Installs what package-lock.json lists and changes it as `patches/` says, if it is not there like that. */
export function ensureInstalled({ development = false } = {}) {
  checkNode()
  const patches = fingerprint(['patches'])
  // An older patch is in the way of a newer one, and npm does not see it: only a new copy of the package is without it.
  if (!isPatched(patches)) {
    for (const name of patchedPackages())
      rmSync(inProject('node_modules', name), { recursive: true, force: true })
  }
  if (!isInstalled(development)) install()
  try {
    writeFileSync(inProject(PATCHED), patches)
  } catch {
    // Installed by another user: looked at again with the next start.
  }
}

function install() {
  console.log('Installing dependencies…')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  // Not `npm ci`: it refuses a lock file that leaves out the optional packages of other platforms, which npm leaves
  // out whenever a registry mirror does not carry them. The locked versions are installed either way.
  const args = ['install', '--no-save', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']
  const { status } = spawnSync(npm, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  if (status !== 0)
    fail('Installing the dependencies failed; the lines above say why. Check the network and try again.')
}

/** An image has no `patches/`: what it holds was patched when it was made. */
function isPatched(patches) {
  if (!existsSync(inProject('patches'))) return true
  if (existsSync(inProject(PATCHED)) && readFileSync(inProject(PATCHED), 'utf8') === patches) return true
  const program = inProject('node_modules/patch-package/index.js')
  return (
    spawnSync(process.execPath, [program, '--error-on-fail'], { cwd: root, stdio: 'ignore' }).status === 0
  )
}

/** `@scope+name+1.2.3.patch` is for `@scope/name`. */
function patchedPackages() {
  return listFiles('patches').map((file) =>
    basename(file)
      .replace(/\+[^+]+\.patch$/, '')
      .replaceAll('+', '/'),
  )
}

function isInstalled(development) {
  const wanted = readLock('package-lock.json')
  const present = readLock('node_modules/.package-lock.json')
  return Object.entries(wanted).every(([path, { version, optional, dev, link }]) => {
    if (path === '' || optional || link || (dev && !development)) return true
    return present[path]?.version === version && existsSync(inProject(path))
  })
}

function readLock(name) {
  try {
    return JSON.parse(readFileSync(inProject(name), 'utf8')).packages
  } catch {
    return {}
  }
}

/** A short fingerprint of the content of files and folders of the project; tests do not count. */
export function fingerprint(names) {
  const hash = createHash('sha256').update(process.versions.modules)
  for (const name of names.flatMap(listFiles).sort()) {
    hash
      .update(name)
      .update('\0')
      .update(readFileSync(inProject(name)))
      .update('\0')
  }
  return hash.digest('hex').slice(0, 16)
}

function listFiles(name) {
  const found = statSync(inProject(name), { throwIfNoEntry: false })
  if (!found) return []
  if (!found.isDirectory()) return /\.test\.tsx?$/.test(name) ? [] : [name]
  return readdirSync(inProject(name)).flatMap((entry) => listFiles(join(name, entry)))
}
