// node bin/complete-lock.mjs: adds to package-lock.json the optional packages of other platforms. npm leaves out those that
// a registry's mirror does not carry, and `npm ci` (the Dockerfile's) then refuses the whole file, everywhere.
import { readFileSync, writeFileSync } from 'node:fs'
import { fail, inProject } from './lib/project.mjs'

const SYSTEMS = {
  aix: 'aix',
  android: 'android',
  darwin: 'darwin',
  freebsd: 'freebsd',
  linux: 'linux',
  linuxmusl: 'linux',
  netbsd: 'netbsd',
  openbsd: 'openbsd',
  openharmony: 'openharmony',
  sunos: 'sunos',
  win32: 'win32',
  windows: 'win32',
}
const PROCESSORS = [
  'arm',
  'arm64',
  'ia32',
  'loong64',
  'mips64el',
  'ppc64',
  'riscv64',
  's390x',
  'wasm32',
  'x64',
]

/** The optional dependencies that the lock names and does not list: where each belongs, its name and its version. */
export function missingFrom({ packages }) {
  const listed = new Set(Object.keys(packages))
  const missing = []
  for (const [path, { optionalDependencies = {} }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      if (!folders(path).some((folder) => listed.has(`${folder}node_modules/${name}`))) {
        missing.push({ path: `node_modules/${name}`, name, version })
      }
    }
  }
  return missing
}

/** Where Node looks for what a package needs: inside of it, and in every folder above. */
function folders(path) {
  const found = []
  for (let at = path; at; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/'))))
    found.push(`${at}/`)
  return [...found, '']
}

/** What a package that is made for one platform says of it, told from its name. */
export function platformOf(name) {
  const words = name.split('/').at(-1).split(/[-.]/)
  const system = words.find((word) => word in SYSTEMS)
  const cpu = words.find((word) => PROCESSORS.includes(word))
  if (!cpu || (!system && cpu !== 'wasm32')) return undefined
  const musl = words.includes('musl') || words.includes('linuxmusl')
  const glibc = words.includes('gnu') || words.includes('gnueabihf')
  return {
    cpu: [cpu],
    ...(musl || glibc ? { libc: [musl ? 'musl' : 'glibc'] } : {}),
    optional: true,
    ...(system ? { os: [SYSTEMS[system]] } : {}),
  }
}

function complete(lock) {
  const added = missingFrom(lock)
  for (const { path, name, version } of added) {
    const platform = platformOf(name)
    if (!platform || !/^\d/.test(version))
      fail(`${name}@${version}: which platform is it for? Add it by hand.`)
    lock.packages[path] = { version, ...platform }
  }
  const [root, ...rest] = Object.entries(lock.packages)
  lock.packages = Object.fromEntries([root, ...rest.sort(([a], [b]) => a.localeCompare(b, 'en'))])
  return added
}

if (process.argv[1] === import.meta.filename) {
  const file = inProject('package-lock.json')
  const lock = JSON.parse(readFileSync(file, 'utf8'))
  const added = complete(lock)
  if (added.length > 0) writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
  console.log(`${added.length} added`)
}
