/** What is known where the next value, of data as JSON has it, says the same: nothing is then drawn again for it. */
export function unchanged<T>(next: T, known: T | undefined): T {
  return known !== undefined && same(next, known) ? known : next
}

function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const left = Object.entries(a)
  if (left.length !== Object.keys(b).length) return false
  return left.every(([key, value]) => key in b && same(value, (b as Record<string, unknown>)[key]))
}
