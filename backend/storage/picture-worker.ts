import { type ChildProcess, fork } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { StorageError } from './errors'
import type { Picture } from './picture-maker'
import type { Transformation } from './transformation'

export type Task = { bytes: Uint8Array; transformation: Transformation; acceptsWebp: boolean }

export type Answer =
  | { picture: Picture }
  | { refusal: [statusCode: number, error: string, message: string] }
  | { failure: string }

/** A process for one picture at a time. It is started for the first, and again after it has ended. */
export type PictureWorker = {
  /** Throws StorageError; 500 where the process ended over it. One call at a time. */
  make(task: Task): Promise<Picture>
  /** Its process id while there is one. */
  pid(): number | undefined
  stop(): void
}

/** More than the library is given for a picture, and than it takes to start. */
const MAX_MS = 30_000
/** What nobody needs gives its memory back. */
const IDLE_MS = 60_000

/** The built backend is one file and this process another beside it. */
const built = import.meta.url.endsWith('.mjs')
const script = fileURLToPath(new URL(built ? 'pictures.mjs' : 'picture-process.ts', import.meta.url))

export function createPictureWorker(maxMs = MAX_MS, idleMs = IDLE_MS): PictureWorker {
  let child: ChildProcess | undefined
  let idle: NodeJS.Timeout | undefined

  function start(): ChildProcess {
    const started = fork(script, {
      cwd: dirname(script),
      execArgv: built ? [] : ['--import', 'tsx'],
      // Nothing that is secret: it reads what strangers have made.
      env: { PATH: process.env.PATH, NODE_ENV: process.env.NODE_ENV },
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    // It holds nobody up who wants to end.
    started.unref()
    started.channel?.unref()
    started.once('exit', () => {
      if (child === started) child = undefined
    })
    // Whoever waits for it is told; what comes later is nobody's trouble.
    started.on('error', () => {})
    return started
  }

  function end(): void {
    clearTimeout(idle)
    child?.kill('SIGKILL')
    child = undefined
  }

  return {
    async make(task) {
      clearTimeout(idle)
      child ??= start()
      try {
        return pictureOf(await ask(child, task, maxMs))
      } catch (error) {
        // What does not answer, or answers with nonsense, is not asked again.
        if (!(error instanceof StorageError) || error.statusCode >= 500) end()
        throw error
      } finally {
        idle = setTimeout(end, idleMs)
        idle.unref()
      }
    },
    pid: () => child?.pid,
    stop: end,
  }
}

function ask(child: ChildProcess, task: Task, maxMs: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => settle(() => reject(failed('It took too long.'))), maxMs)
    const onMessage = (answer: Answer) => settle(() => resolve(answer))
    const onEnd = () => settle(() => reject(failed('Making it ended unexpectedly.')))
    const settle = (done: () => void) => {
      clearTimeout(timer)
      child.off('message', onMessage).off('exit', onEnd).off('error', onEnd)
      done()
    }
    child.on('message', onMessage).once('exit', onEnd).once('error', onEnd)
    child.send(task, (error) => {
      if (error) onEnd()
    })
  })
}

function pictureOf(answer: Answer): Picture {
  if ('refusal' in answer) throw new StorageError(...answer.refusal)
  if ('failure' in answer) throw failed('It could not be made.')
  const { bytes, contentType } = answer.picture
  return { bytes: Buffer.from(bytes), contentType }
}

function failed(why: string): StorageError {
  return new StorageError(500, 'InternalError', `The image could not be transformed. ${why}`)
}
