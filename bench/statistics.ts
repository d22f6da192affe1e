/** The value below which `share` of the samples lie, by the nearest-rank method: it is always a real sample. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  if (sorted.length === 0) return Number.NaN
  const rank = Math.ceil(share * sorted.length)
  return sorted[Math.min(Math.max(rank, 1), sorted.length) - 1] as number
}

export const median = (samples: readonly number[]) => percentile(samples, 0.5)

/** Median and range: with a handful of repeats on a shared machine a standard deviation would be a pretence. */
export function summarise(samples: readonly number[]) {
  return { median: median(samples), low: Math.min(...samples), high: Math.max(...samples) }
}
