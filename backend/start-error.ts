/** A reason not to start that an operator can act on. Printed as one line, without a stack trace. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

/** The `code` of a Node system error (`ENOENT`, `ENOSPC`, …), or of anything shaped like one. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}
