import { join } from 'node:path'
import { ensureBackend, ensureSite } from './lib/build.mjs'
import { endWithNpm, ensureInstalled, inProject, root } from './lib/project.mjs'

endWithNpm()
ensureInstalled()
const backend = await ensureBackend()
const site = await ensureSite()
process.env.NODE_ENV = 'production'
const { runProcess } = await import(backend)
await runProcess({
  name: 'EnterpriseChat',
  root,
  defaultPort: 3000,
  front: {
    command: [inProject('bin/lib/site.mjs'), site],
    assets: { prefix: '/_next/static/', folder: join(site, '.next/static') },
  },
})
