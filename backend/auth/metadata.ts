import { z } from 'zod'
import { validationFailed } from './auth-error'

/** user_metadata or app_metadata of a request. */
export const metadataSchema = z.record(z.string(), z.unknown()).nullish()

/** What an account says of itself, or the application of it. */
export type Metadata = Record<string, unknown>

/** Metadata travels in every token, and a token travels in one header. */
const MAX_BYTES = 8_192

/** Throws when a token could no longer carry it. */
export function checkMetadata(metadata: Metadata): void {
  if (Buffer.byteLength(JSON.stringify(metadata)) > MAX_BYTES) {
    throw validationFailed(`Metadata cannot be larger than ${MAX_BYTES} bytes`)
  }
}

/** As GoTrue merges: keys replace, null removes. */
export function mergeMetadata(current: Metadata | null, changes: Metadata): Metadata {
  const merged = { ...current, ...changes }
  return Object.fromEntries(
    Object.entries(merged).filter(([key, value]) => value !== null || !Object.hasOwn(changes, key)),
  )
}
