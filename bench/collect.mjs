// Preloaded into the processes whose memory is measured. At SIGUSR2 they collect their garbage, so that what is counted is
// what they hold, and not what they have not cleared up yet.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

process.on('SIGUSR2', () => {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
})
