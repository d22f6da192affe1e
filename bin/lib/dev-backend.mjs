import { runProcess } from '../../backend/process.ts'
import { root } from './project.mjs'

process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'))
await runProcess({
  name: 'EnterpriseChat (development)',
  root,
  defaultPort: 3000,
  front: { origin: `http://127.0.0.1:${process.argv[2]}` },
})
