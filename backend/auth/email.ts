import { validationFailed } from './auth-error'

/** The form that browsers accept in an e-mail field. ASCII only: look-alike letters make look-alike people. */
const ADDRESS =
  /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/
const MAX_LENGTH = 255

/** The form in which addresses are stored and compared. */
export function normalizeEmail(email: string): string {
  return email.trim().toLowerCase()
}

/** The normalized address; throws when it cannot be one. */
export function parseEmail(email: string): string {
  const normalized = normalizeEmail(email)
  if (normalized === '') throw validationFailed('An email address is required')
  if (normalized.length > MAX_LENGTH) throw validationFailed('An email address is too long')
  if (!ADDRESS.test(normalized)) {
    throw validationFailed('Unable to validate email address: invalid format')
  }
  return normalized
}
