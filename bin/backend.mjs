import { ensureBackend } from './lib/build.mjs'
import { endWithNpm, ensureInstalled, root } from './lib/project.mjs'

endWithNpm()
ensureInstalled()
const backend = await ensureBackend()
process.env.NODE_ENV = 'production'
const { runProcess } = await import(backend)
await runProcess({ name: 'The backend', root, defaultPort: 54_321, front: null })
