/** The name among `candidates` that is most like `name`, when one is alike enough to be what was meant. */
export function nearest(name: string, candidates: Iterable<string>): string | null {
  let best: string | null = null
  // Half of it must agree: `city` still finds `cities`.
  let bestScore = 0.49
  for (const candidate of candidates) {
    const longest = Math.max(name.length, candidate.length)
    if (Math.abs(name.length - candidate.length) > longest / 2) continue
    const score = 1 - distance(name.toLowerCase(), candidate.toLowerCase()) / longest
    if (candidate !== name && score > bestScore) {
      best = candidate
      bestScore = score
    }
  }
  return best
}

/** Levenshtein's edit distance. */
function distance(a: string, b: string): number {
  // Identifiers are short; what is longer is no slip of the finger, and not worth the quadratic time.
  if (a.length > 64 || b.length > 64) return Math.max(a.length, b.length)
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substitution))
    }
    row = next
  }
  return row[b.length] ?? 0
}
