const HALF = 512

/**
 * Latencies of millions of deliveries in a few kilobytes, as an HDR histogram keeps them: microseconds, exact to 0.2 %
 * of their size. Sorting every sample would cost the generator more than receiving it.
 */
export class Histogram {
  count = 0
  private readonly buckets = new Float64Array(HALF * 40)

  record(milliseconds: number): void {
    this.count += 1
    const bucket = bucketOf(Math.max(0, Math.round(milliseconds * 1000)))
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1
  }

  /** Milliseconds below or at which `share` of the samples lie; NaN without samples. */
  percentile(share: number): number {
    if (this.count === 0) return Number.NaN
    let left = Math.max(1, Math.ceil(share * this.count))
    const found = this.buckets.findIndex((size) => {
      left -= size
      return left <= 0
    })
    return highest(found) / 1000
  }
}

/** The first thousand have a bucket each; from there on each doubling of the value has `HALF` of them. */
function bucketOf(micros: number): number {
  if (micros < 2 * HALF) return micros
  const shift = Math.floor(Math.log2(micros / HALF))
  return shift * HALF + Math.floor(micros / 2 ** shift)
}

function highest(bucket: number): number {
  if (bucket < 2 * HALF) return bucket
  const shift = Math.floor(bucket / HALF) - 1
  return (bucket - shift * HALF + 1) * 2 ** shift - 1
}
