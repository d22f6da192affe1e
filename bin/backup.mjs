import { runOperation } from './lib/operation.mjs'

await runOperation('backup')
