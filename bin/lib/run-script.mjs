import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { resolve } from 'node:path'
import { endWithNpm, root } from './project.mjs'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']

/**
 * Runs a TypeScript program of the project in a process of its own, with the arguments of this one, and ends as it does. A
 * signal is passed on: otherwise it would end this process alone, and what it started would run on unseen.
 */
export async function runScript(path, { nodeArgs = [] } = {}) {
  endWithNpm()
  const args = [...nodeArgs, '--import', 'tsx', resolve(root, path), ...process.argv.slice(2)]
  const child = spawn(process.execPath, args, { stdio: 'inherit' })
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      // Ctrl-C reaches everything that runs in the terminal; a second one would cut short how it ends.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    })
  }
  const [code, signal] = await new Promise((settle, reject) => {
    child.once('error', reject)
    child.once('close', (...result) => settle(result))
  })
  process.exitCode = code ?? 128 + constants.signals[signal]
}
