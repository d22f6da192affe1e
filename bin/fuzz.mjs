// npm run fuzz [-- --cases N --seed N --from N --case N]: made-up requests against REST; prints the seed, which makes the same ones again.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../backend/testing/fuzz/main.ts', import.meta.url))
const { status } = spawnSync(
  process.execPath,
  ['--expose-gc', '--import', 'tsx', main, ...process.argv.slice(2)],
  { stdio: 'inherit' },
)
process.exitCode = status ?? 1
