import { spawn } from 'node:child_process'
import { existsSync, readFileSync, watch } from 'node:fs'
import { createServer } from 'node:net'
import { resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { checkNode, endWithNpm, ensureInstalled, inProject, root } from './lib/project.mjs'

checkNode()
endWithNpm()
ensureInstalled({ development: true })

const port = await freePort()
const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' }
const site = spawn(process.execPath, [inProject('bin/lib/site.mjs'), root, 'dev'], {
  cwd: root,
  env: { ...env, ...backendAccess(), PORT: String(port) },
  stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  // Ctrl-C reaches this process only, which then ends both in order.
  detached: true,
})

let backend
let stopping = false
let restart = false

function startBackend() {
  restart = false
  backend = spawn(process.execPath, ['--import', 'tsx', inProject('bin/lib/dev-backend.mjs'), String(port)], {
    cwd: root,
    env,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    detached: true,
  })
  backend.once('exit', () => {
    if (stopping) process.exit(0)
    if (restart) startBackend()
    else console.log('The backend ended. It starts again when a file in backend/ or supabase/ changes.')
    backend = undefined
  })
}

function changed(_event, name) {
  if (!name || /\.test\.ts$|^tests\//.test(name)) return
  clearTimeout(changed.timer)
  changed.timer = setTimeout(() => {
    if (!backend) return startBackend()
    restart = true
    backend.kill('SIGTERM')
  }, 150)
}

startBackend()
for (const folder of ['backend', 'supabase/migrations']) {
  if (existsSync(inProject(folder))) watch(inProject(folder), { recursive: true }, changed)
}

function stop() {
  if (stopping) process.exit(1)
  stopping = true
  site.kill('SIGTERM')
  if (backend) backend.kill('SIGTERM')
  else process.exit(0)
}
process.on('SIGINT', stop)
process.on('SIGTERM', stop)
site.once('exit', stop)

/** Where the site's server will find the embedded backend and its keys, which may not have been made yet. */
function backendAccess() {
  const file = inProject('.env')
  const settings = { ...(existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {}), ...process.env }
  if (settings.NEXT_PUBLIC_SUPABASE_URL || settings.SUPABASE_URL) return {}
  return {
    SUPABASE_INTERNAL_URL: `http://127.0.0.1:${settings.PORT || 3000}`,
    SUPABASE_SECRETS_FILE: resolve(root, settings.DATA_DIR || 'data', 'secrets.json'),
  }
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = server.address()
      server.close(() => resolve(free))
    })
  })
}
