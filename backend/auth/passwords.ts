import { availableParallelism } from 'node:os'
import { performance } from 'node:perf_hooks'
import { hash, verify } from '@node-rs/bcrypt'
import { ApiError } from '../errors'
import { tooManyRequests, validationFailed } from './auth-error'
import { createWorkQueue, QueueFullError } from './work-queue'

/** Hashing and comparing, a few at a time; those whom `by` names take turns. */
export type Passwords = {
  hash(password: string, by?: string): Promise<string>
  /** Takes the same time when there is no hash to compare with. */
  verify(password: string, encrypted: string | null | undefined, by?: string): Promise<boolean>
}

/** GoTrue's cost: about 60 ms of one core. */
const COST = 10
/** bcrypt reads no further, so that all passwords that begin alike would be one. */
const MAX_BYTES = 72
/** Waiting longer than this for a sign-in is worse than being told to come again. */
const MAX_WAIT_MS = 5_000
const HASH_MS = 75
const LEAST_THREADS = Math.max(1, availableParallelism() - 1)
/** Above this share of its time the process has other things to do, messages to deliver above all. */
const BUSY = 0.3
const SAMPLE_MS = 250
/** The hash of a forgotten random password, compared with when an account is unknown. */
const NOBODY = '$2b$10$PbaQORkfke6aqAqc0fe9K.olnK1J8xooBEGUARyCfo1tYmF.jRjR.'

/** bcrypt on native threads, a few at a time. */
export function createPasswords(concurrency: number | (() => number) = threadsByLoad()): Passwords {
  const atLeast = typeof concurrency === 'number' ? concurrency : LEAST_THREADS
  const queue = createWorkQueue({
    name: 'passwords',
    concurrency,
    maxWaiting: Math.ceil((MAX_WAIT_MS / HASH_MS) * atLeast),
  })
  const run = <T>(work: () => Promise<T>, by?: string): Promise<T> =>
    queue.run(work, by).catch((error: unknown) => {
      throw error instanceof QueueFullError ? tooManyRequests(MAX_WAIT_MS / 1000) : error
    })
  return {
    hash: (password, by) => run(() => hash(password, { cost: COST }), by),
    verify: (password, encrypted, by) =>
      run(async () => {
        const possible = Boolean(encrypted) && isHashable(password)
        const matches = await verify(possible ? password : 'nobody', possible ? String(encrypted) : NOBODY)
        return possible && matches
      }, by),
  }
}

/** Throws unless the password is one that people may choose. */
export function checkPassword(password: string, minLength: number): void {
  checkHashable(password)
  if ([...password].length >= minLength) return
  throw new ApiError(422, 'weak_password', `Password should be at least ${minLength} characters.`, {
    body: { weak_password: { reasons: ['length'] } },
  })
}

/** Throws unless all of the password counts. */
export function checkHashable(password: string): void {
  if (isHashable(password)) return
  throw validationFailed(
    `Password cannot be longer than ${MAX_BYTES} bytes: letters count one, accented ones and symbols two to four.`,
  )
}

function isHashable(password: string): boolean {
  return Buffer.byteLength(password) <= MAX_BYTES && !password.includes('\0')
}

/**
 * All cores while this process has little else to do, and one left to it when it has: a burst of sign-ins on a quiet
 * morning takes the machine, and one at noon does not slow messages down. A process that waits for a core counts as
 * busy too, so that hashing steps back for the database and for Next.js.
 */
function threadsByLoad(): () => number {
  let before = performance.eventLoopUtilization()
  let at = performance.now()
  let busy = true
  return () => {
    if (performance.now() - at >= SAMPLE_MS) {
      busy = performance.eventLoopUtilization(before).utilization > BUSY
      before = performance.eventLoopUtilization()
      at = performance.now()
    }
    return busy ? LEAST_THREADS : availableParallelism()
  }
}
