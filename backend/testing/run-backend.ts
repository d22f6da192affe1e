import { fileURLToPath } from 'node:url'
import { runProcess } from '../process'

const root = fileURLToPath(new URL('../..', import.meta.url))
await runProcess({ name: 'The backend', root, defaultPort: 0, front: null })
