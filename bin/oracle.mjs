// npm run oracle [-- --steps N --seed N]: random lives, every delivery compared with what the policies say; prints the seed, which makes the same ones again.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../backend/testing/oracle/main.ts', import.meta.url))
const { status } = spawnSync(process.execPath, ['--import', 'tsx', main, ...process.argv.slice(2)], {
  stdio: 'inherit',
})
process.exitCode = status ?? 1
