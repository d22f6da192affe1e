import { spawn } from 'node:child_process'
import { existsSync, watch } from 'node:fs'
import { createServer } from 'node:net'
import { checkNode, endWithNpm, ensureInstalled, inProject, root } from './lib/project.mjs'

checkNode()
endWithNpm()
ensureInstalled({ development: true })

const port = await freePort()
const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' }
const site = spawn(process.execPath, [inProject('bin/lib/site.mjs'), root, 'dev'], {
  cwd: root,
  env: { ...env, PORT: String(port) },
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

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = server.address()
      server.close(() => resolve(free))
    })
  })
}
