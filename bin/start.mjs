import { ensureBackend, ensureSite } from './lib/build.mjs'
import { ensureInstalled, inProject, root } from './lib/project.mjs'

ensureInstalled()
const backend = await ensureBackend()
const site = await ensureSite()
process.env.NODE_ENV = 'production'
const { runProcess } = await import(backend)
await runProcess({
  name: 'EnterpriseChat',
  root,
  defaultPort: 3000,
  front: { command: [inProject('bin/lib/site.mjs'), site] },
})
