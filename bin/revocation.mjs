// npm run revocation [-- --trials N]: takes rights away from people with open sockets while events are being sent.
import { runScript } from './lib/run-script.mjs'

await runScript('backend/testing/oracle/revocation-main.ts')
