// npm run chaos [-- --seed N --kills N --sends N --minutes N --clients N --senders N --no-browsers]: kills the product and
// cuts its lines while people use it, and compares them with the database; the seed, which it prints, decides the same again.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../e2e/chaos/main.ts', import.meta.url))
const { status } = spawnSync(process.execPath, ['--import', 'tsx', main, ...process.argv.slice(2)], {
  stdio: 'inherit',
})
process.exitCode = status ?? 1
