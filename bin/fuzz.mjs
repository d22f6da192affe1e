// npm run fuzz [-- --cases N --seed N --from N --case N]: made-up requests against REST; prints the seed, which makes the same ones again.
import { runScript } from './lib/run-script.mjs'

await runScript('backend/testing/fuzz/main.ts', { nodeArgs: ['--expose-gc'] })
