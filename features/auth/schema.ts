import { isBlank, lengthOf } from '@/lib/text'

/** bcrypt reads 72 bytes; what comes after them would not protect anything. */
export const PASSWORD_MAX_BYTES = 72
export const PASSWORD_MIN_LENGTH = 8
export const NAME_MAX_LENGTH = 80

export type FieldProblem =
  | 'name_blank'
  | 'name_too_long'
  | 'email_blank'
  | 'email_address_invalid'
  | 'password_blank'
  | 'password_short'
  | 'password_long'

export function checkName(name: string): FieldProblem | undefined {
  if (isBlank(name)) return 'name_blank'
  if (lengthOf(name.trim()) > NAME_MAX_LENGTH) return 'name_too_long'
}

export function checkEmail(email: string): FieldProblem | undefined {
  if (!email.trim()) return 'email_blank'
  // Only what is surely wrong; whether it exists is for the server to find out.
  if (!/^[^\s@]+@[^\s@]+\.[^\s@.]+$/.test(email.trim())) return 'email_address_invalid'
}

export function checkPassword(password: string): FieldProblem | undefined {
  if (!password) return 'password_blank'
  if (lengthOf(password) < PASSWORD_MIN_LENGTH) return 'password_short'
  if (new TextEncoder().encode(password).length > PASSWORD_MAX_BYTES) return 'password_long'
}

/** 0 too short · 1 weak · 2 fair · 3 strong. Length counts most, repetition counts nothing. */
export function passwordStrength(password: string): 0 | 1 | 2 | 3 {
  const length = lengthOf(password)
  if (length < PASSWORD_MIN_LENGTH) return 0
  const distinct = new Set(password).size
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\p{N}/u, /[^\p{L}\p{N}]/u].filter((kind) =>
    kind.test(password),
  ).length
  if (distinct < 6 || /^(?:\d+|(.{1,4})\1+)$/.test(password)) return 1
  if (length >= 16 || (length >= 12 && kinds >= 3)) return 3
  return length >= 11 || kinds >= 3 ? 2 : 1
}
