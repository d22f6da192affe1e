// npm run revocation [-- --trials N]: takes rights away from people with open sockets while events are being sent.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../backend/testing/oracle/revocation-main.ts', import.meta.url))
const { status } = spawnSync(process.execPath, ['--import', 'tsx', main, ...process.argv.slice(2)], {
  stdio: 'inherit',
})
process.exitCode = status ?? 1
