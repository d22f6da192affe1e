import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { jobs } from './generator'

type Jobs = typeof jobs

/** What makes a process collect its garbage when it is told to: the value of `--import`. */
export const collector = new URL('./collect.mjs', import.meta.url).href

/** A TypeScript file of this folder in a process of its own. */
export const forkFile = (file: string): ChildProcess =>
  fork(fileURLToPath(new URL(file, import.meta.url)), {
    execArgv: ['--import', 'tsx', '--import', collector],
  })

/** A generator process that does one job after the other, for those that build on what an earlier one opened. */
export function startGenerator() {
  const child = forkFile('./generator.ts')
  return {
    pid: child.pid as number,
    run<Name extends keyof Jobs>(job: Name, options: Parameters<Jobs[Name]>[0]) {
      child.send({ job, options })
      return answer<Awaited<ReturnType<Jobs[Name]>>>(child)
    },
    stop: () => stopChild(child),
  }
}

/** Starts a job and leaves its process running, for jobs that hold something open. */
export async function startJob<Name extends keyof Jobs>(job: Name, options: Parameters<Jobs[Name]>[0]) {
  const { run, stop } = startGenerator()
  return { result: await run(job, options), stop }
}

export async function runJob<Name extends keyof Jobs>(job: Name, options: Parameters<Jobs[Name]>[0]) {
  const { result, stop } = await startJob(job, options)
  await stop()
  return result
}

/** A helper process of ours (relay, empty server) that says on which port it listens. */
export async function startHelper(
  file: './relay.ts' | './relay-cluster.ts' | './empty-server.ts' | './file-server.ts',
) {
  const child = forkFile(file)
  const { port } = await new Promise<{ port: number }>((resolve) => child.once('message', resolve as never))
  return { port, pid: child.pid as number, stop: () => stopChild(child) }
}

function answer<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => reject(new Error(`generator exited with ${code}`))
    child.once('exit', onExit)
    child.once('message', (message: { result: T; error?: string }) => {
      child.off('exit', onExit)
      if (message.error === undefined) resolve(message.result)
      else stopChild(child).then(() => reject(new Error(message.error)))
    })
  })
}

async function stopChild(child: ChildProcess) {
  if (child.exitCode !== null) return
  const exited = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await exited
}
