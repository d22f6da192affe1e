// npm run oracle [-- --steps N --seed N]: random lives, every delivery compared with what the policies say; prints the seed, which makes the same ones again.
import { runScript } from './lib/run-script.mjs'

await runScript('backend/testing/oracle/main.ts')
