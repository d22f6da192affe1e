import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const script = fileURLToPath(new URL('../../bin/backend.mjs', import.meta.url))

/** A backend in a process of its own, for tests that kill it or look at how it ends. */
export type BackendProcess = {
  process: ChildProcess
  /** Its address, when it is ready; undefined when it ended before. */
  ready: Promise<string | undefined>
  /** Everything it has said so far. */
  output(): string
  /** Exit code, or null when a signal ended it. */
  exit: Promise<number | null>
}

/**
 * Starts the backend as `npm run backend` does, with these settings and no others; as root, perhaps as another user.
 * `files`: it may have so many open and no more.
 */
export function spawnBackend(
  env: Record<string, string>,
  user?: { uid: number; gid: number },
  files?: number,
): BackendProcess {
  const command = [process.execPath, script]
  const limited = files ? ['/bin/sh', '-c', `ulimit -n ${files} && exec "$@"`, 'sh', ...command] : command
  const child = spawn(limited[0] as string, limited.slice(1), {
    env: { PATH: process.env.PATH, NODE_ENV: 'production', PORT: '0', HOST: '127.0.0.1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...user,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk
    })
  }
  const exit = once(child, 'close').then(([code]) => code as number | null)
  const announced = new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [, url] = / is ready at (\S+)$/.exec(line) ?? []
      if (url) resolve(url)
    })
  })
  const ready = Promise.race([announced, exit.then(() => undefined)])
  return { process: child, ready, output: () => output, exit }
}

/** SIGKILL to a process and everything below it, as the system lists it in this moment. */
export function killEverything(pid: number): void {
  const listed = execFileSync('ps', ['-A', '-o', 'pid=', '-o', 'ppid='], { encoding: 'utf8' })
  const all = listed.split('\n').map((line) => line.trim().split(/\s+/).map(Number))
  const tree = [pid]
  for (const parent of tree) tree.push(...all.filter(([, of]) => of === parent).map(([child = 0]) => child))
  for (const each of tree) {
    try {
      process.kill(each, 'SIGKILL')
    } catch {
      // It went by itself meanwhile.
    }
  }
}
