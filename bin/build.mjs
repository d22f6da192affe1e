import { ensureBackend, ensureSite } from './lib/build.mjs'
import { ensureInstalled } from './lib/project.mjs'

ensureInstalled({ development: true })
await ensureBackend()
await ensureSite()
