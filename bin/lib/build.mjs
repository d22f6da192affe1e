import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, gzip } from 'node:zlib'
import { fail, fingerprint, inProject, runPackage } from './project.mjs'

const folder = inProject('.build')

const backendSources = ['backend', 'package-lock.json', 'bin/lib/build.mjs']
const siteFolders = ['app', 'features', 'ui', 'lib', 'locales', 'public']
const siteFiles = ['proxy.ts', 'next.config.ts', 'postcss.config.mjs', 'tsconfig.json', 'package-lock.json']

/** Builds the backend if it is stale. Resolves with the path of its entry. */
export async function ensureBackend() {
  const built = await ensure('backend', fingerprint(backendSources), bundleBackend)
  return join(built, 'bundle', 'process.mjs')
}

/** The same build's entry for backups, restores and what else one does beside a running server. */
export async function ensureOperations() {
  return join(dirname(await ensureBackend()), 'operations.mjs')
}

/** Builds the site if it is stale. Resolves with its folder. */
export async function ensureSite() {
  return ensure('site', fingerprint([...siteFolders, ...siteFiles, 'bin/lib/build.mjs']), buildSite)
}

/**
 * Every state of the sources has a folder of its own, which appears whole or not at all: an interrupted build leaves
 * nothing behind, and a server that runs keeps the files it was started with.
 */
async function ensure(kind, hash, build) {
  // Packed for an image: it comes built, and without the sources that the name would tell.
  const packed = join(folder, kind)
  if (existsSync(packed)) return packed
  const target = join(folder, `${kind}-${hash}`)
  if (!existsSync(target)) {
    mkdirSync(folder, { recursive: true })
    const release = await takeTurn()
    try {
      // Another start may have built it while this one waited.
      if (!existsSync(target)) await buildInto(target, kind, build)
    } finally {
      release()
    }
  }
  try {
    utimesSync(target, new Date(), new Date())
    forgetOld(kind)
  } catch {
    // Built by another user, or on a disk that is read-only by now: good to run, not ours to tidy.
  }
  return target
}

async function buildInto(target, kind, build) {
  console.log(`Building the ${kind}…`)
  const draft = join(folder, `${kind}.draft`)
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(draft)
  if (await build(draft)) return renameSync(draft, target)
  rmSync(draft, { recursive: true, force: true })
  rmSync(join(folder, 'turn'), { force: true })
  fail(`Building the ${kind} failed; the lines above say why.`)
}

/** Waits until no other process builds here: they would write into the same folders. */
async function takeTurn() {
  const path = join(folder, 'turn')
  for (let waited = false; ; waited = true) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' })
      return () => rmSync(path, { force: true })
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    if (!isAlive(path)) rmSync(path, { force: true })
    else {
      if (!waited) console.log('Waiting for another build of this folder…')
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
  }
}

function isAlive(path) {
  try {
    process.kill(Number(readFileSync(path, 'utf8')) || -1, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** Keeps the three builds that were used last. */
function forgetOld(kind) {
  const age = (name) => statSync(join(folder, name)).mtimeMs
  const builds = readdirSync(folder).filter((name) => name.startsWith(`${kind}-`))
  for (const name of builds.sort((a, b) => age(b) - age(a)).slice(3)) {
    rmSync(join(folder, name), { recursive: true, force: true })
  }
}

async function bundleBackend(draft) {
  const { build, stop } = await import('esbuild')
  await build({
    entryPoints: {
      process: inProject('backend/process.ts'),
      operations: inProject('backend/operations/main.ts'),
      pictures: inProject('backend/storage/picture-process.ts'),
    },
    outdir: join(draft, 'bundle'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'linked',
    logLevel: 'warning',
  })
  // Its service would stay beside the server for as long as that runs.
  await stop()
  // The bundle looks for its SQL files where the sources have them: one folder up, by service.
  for (const name of readdirSync(inProject('backend'), { recursive: true })) {
    if (name.endsWith('.sql')) cpSync(inProject('backend', name), join(draft, name))
  }
  return true
}

async function buildSite(draft) {
  // One build serves every installation: nothing of this one's environment goes into it.
  const env = { NODE_ENV: 'production' }
  for (const name of Object.keys(process.env)) if (name.startsWith('NEXT_PUBLIC_')) env[name] = undefined
  let output = ''
  const onFailure = (text) => {
    output = text
  }
  const next = () => runPackage('next/dist/bin/next', ['build'], { env, onFailure })
  let built = await next()
  if (!built && /Can't resolve|Module not found/.test(output)) {
    // The cache remembers what it could not find, also after that was installed.
    for (const name of ['cache', 'build']) rmSync(inProject('.next', name), { recursive: true, force: true })
    built = await next()
  }
  if (!built) {
    console.error(output.trimEnd())
    return false
  }
  const standalone = inProject('.next/standalone')
  // Next.js copies .env files; the settings of an installation do not belong in a build.
  for (const name of readdirSync(standalone)) if (/^\.env/.test(name)) rmSync(join(standalone, name))
  cpSync(standalone, draft, { recursive: true, verbatimSymlinks: true })
  cpSync(inProject('.next/static'), join(draft, '.next/static'), { recursive: true })
  await compressFiles(join(draft, '.next/static'))
  if (existsSync(inProject('public'))) cpSync(inProject('public'), join(draft, 'public'), { recursive: true })
  return true
}

/** Once and as small as can be, so that no server has to compress them for every visit. */
async function compressFiles(folder) {
  const names = readdirSync(folder, { recursive: true }).filter((name) =>
    /\.(js|mjs|css|svg|json|wasm)$/.test(name),
  )
  for (const name of names) {
    const file = join(folder, name)
    const bytes = readFileSync(file)
    writeFileSync(`${file}.br`, await promisify(brotliCompress)(bytes))
    writeFileSync(`${file}.gz`, await promisify(gzip)(bytes, { level: 9 }))
  }
}
