import cluster from 'node:cluster'
import { fileURLToPath } from 'node:url'
import type { Told } from './relay'

const PROCESSES = 2

/** The relay in two processes that share its sockets: what is said to one is handed to the other. */
cluster.setupPrimary({
  exec: fileURLToPath(new URL('./relay.ts', import.meta.url)),
  execArgv: ['--import', 'tsx'],
  serialization: 'advanced',
})
const workers = Array.from({ length: PROCESSES }, () => cluster.fork())
let listening = 0
for (const worker of workers) {
  worker.on('message', (message: { port: number } | Told) => {
    if ('port' in message) {
      listening += 1
      if (listening === PROCESSES) process.send?.(message)
    } else for (const other of workers) if (other !== worker) other.send(message)
  })
}

process.on('disconnect', () => {
  for (const worker of workers) worker.process.kill('SIGKILL')
  process.exit()
})
