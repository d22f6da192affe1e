// npm run bench [row …] [-- --repeats N --seconds N --write]: measures the built product; --write renews docs/performance.md.
import { runScript } from './lib/run-script.mjs'

await runScript('bench/main.ts')
