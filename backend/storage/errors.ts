import { isDatabaseAway } from '../errors'
import { errorCode } from '../start-error'

/** A refusal in Supabase Storage's words: its clients read `statusCode`; the status of the answer is mostly 400. */
export class StorageError extends Error {
  override readonly name = 'StorageError'

  /** What went wrong, in HTTP's numbers; told in the body. */
  readonly statusCode: number
  /** A short name of it. */
  readonly error: string
  /** The status of the answer. Supabase answers 400 to everything that is the client's fault. */
  readonly status: number
  readonly headers: Record<string, string>

  constructor(
    statusCode: number,
    error: string,
    message: string,
    status = statusCode < 500 ? 400 : statusCode,
    headers: Record<string, string> = {},
  ) {
    super(message)
    this.statusCode = statusCode
    this.error = error
    this.status = status
    this.headers = headers
  }

  get body() {
    return { statusCode: String(this.statusCode), error: this.error, message: this.message }
  }
}

const words = (statusCode: number, error: string, message: string) => () =>
  new StorageError(statusCode, error, message)

/** Every refusal that does not depend on the request's own words. */
export const refusals = {
  noSuchBucket: words(404, 'Bucket not found', 'Bucket not found'),
  noSuchKey: words(404, 'not_found', 'Object not found'),
  duplicate: words(409, 'Duplicate', 'The resource already exists'),
  bucketNotEmpty: words(409, 'ResourceNotEmpty', 'The bucket you tried to delete is not empty'),
  tooLarge: words(413, 'Payload too large', 'The object exceeded the maximum allowed size'),
  invalidBucketName: words(400, 'Invalid Input', 'Bucket name invalid'),
  invalidSignature: words(400, 'InvalidSignature', 'The signature is not for this request'),
  noContent: words(400, 'InvalidRequest', 'No content provided'),
  incomplete: words(400, 'InvalidRequest', 'The request ended before its body did'),
  locked: words(423, 'ResourceLocked', 'The resource is locked'),
  gone: words(409, 'TransactionError', 'The upload took too long and was given up. Send it again.'),
}

/** 400 with a sentence of one's own. */
export function invalid(message: string, error = 'InvalidRequest'): StorageError {
  return new StorageError(400, error, message)
}

/** 403: Supabase says `Unauthorized` also to those whom it knows. */
export function denied(message: string): StorageError {
  return new StorageError(403, 'Unauthorized', message)
}

/** The refusal behind an error of the database or the disk; null when there is none, and the fault is ours. */
export function refusalFor(error: unknown): StorageError | null {
  if (error instanceof StorageError) return error
  const code = errorCode(error)
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === '53100') return diskFull()
  if (isDatabaseAway(error)) {
    const message = 'The database cannot be reached at the moment. Try again in a few seconds.'
    return new StorageError(503, 'DatabaseError', message, 503, { 'retry-after': '2' })
  }
  const message = error instanceof Error ? error.message : ''
  if (code === '42501') return denied(message)
  if (code === '23505') return refusals.duplicate()
  if (code === '23503') return new StorageError(404, 'InvalidRequest', 'The related resource does not exist')
  if (code === '55P03' || code === '55006') return refusals.locked()
  if (code === '57014') {
    return new StorageError(544, 'DatabaseTimeout', 'The connection to the database timed out', 544)
  }
  // Checks and triggers of the product say why they refuse a row.
  if (code === 'P0001' || code?.startsWith('23')) return invalid(message, 'DatabaseError')
  // Text that PostgreSQL cannot hold (NUL), or a number that is too large.
  if (code?.startsWith('22')) return invalid(message)
  return null
}

function diskFull(): StorageError {
  const message =
    'No space is left for files on the server. Nothing was stored; an administrator has to free some.'
  return new StorageError(507, 'InsufficientStorage', message)
}
