/** Asks when it is first wanted, and remembers the answer, but not a failure: the next caller tries again. */
export function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let pending: Promise<T> | null = null
  return () => {
    pending ??= ask().catch((error: unknown) => {
      pending = null
      throw error
    })
    return pending
  }
}
