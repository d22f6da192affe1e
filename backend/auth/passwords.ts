import { availableParallelism } from 'node:os'
import { hash, verify } from '@node-rs/bcrypt'
import { ApiError } from '../errors'
import { tooManyRequests, validationFailed } from './auth-error'
import { createWorkQueue, QueueFullError } from './work-queue'

/** Hashing and comparing, a few at a time. */
export type Passwords = {
  hash(password: string): Promise<string>
  /** Takes the same time when there is no hash to compare with. */
  verify(password: string, encrypted: string | null | undefined): Promise<boolean>
}

/** GoTrue's cost: about 60 ms of one core. */
const COST = 10
/** bcrypt reads no further, so that all passwords that begin alike would be one. */
const MAX_BYTES = 72
/** Waiting longer than this for a sign-in is worse than being told to come again. */
const MAX_WAIT_MS = 5_000
const HASH_MS = 75
/** The hash of a forgotten random password, compared with when an account is unknown. */
const NOBODY = '$2b$10$PbaQORkfke6aqAqc0fe9K.olnK1J8xooBEGUARyCfo1tYmF.jRjR.'

/** bcrypt on native threads, one core left for everything else. */
export function createPasswords(concurrency = Math.max(1, availableParallelism() - 1)): Passwords {
  const queue = createWorkQueue({ concurrency, maxWaiting: Math.ceil((MAX_WAIT_MS / HASH_MS) * concurrency) })
  const run = <T>(work: () => Promise<T>): Promise<T> =>
    queue.run(work).catch((error: unknown) => {
      throw error instanceof QueueFullError ? tooManyRequests(MAX_WAIT_MS / 1000) : error
    })
  return {
    hash: (password) => run(() => hash(password, { cost: COST })),
    verify: (password, encrypted) =>
      run(async () => {
        const possible = Boolean(encrypted) && isHashable(password)
        const matches = await verify(possible ? password : 'nobody', possible ? String(encrypted) : NOBODY)
        return possible && matches
      }),
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
