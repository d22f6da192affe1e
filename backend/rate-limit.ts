import { isIPv6 } from 'node:net'

/** `limit` requests may come at once; they come back evenly over `windowSeconds`. */
export type RateLimit = { limit: number; windowSeconds: number }

/** Counts requests per key. */
export type RateLimiter = {
  /** Takes one request of the key. 0: go ahead; otherwise the whole seconds to wait (`Retry-After`). */
  take(key: string): number
  /** Takes it back: the request turned out to be one that need not be counted. */
  giveBack(key: string): void
}

/** The most callers that one limiter remembers: some 10 MB, then the longest unseen are forgotten. */
const MAX_KEYS = 50_000

/** A token bucket per key. */
export function createRateLimiter({ limit, windowSeconds }: RateLimit, now = Date.now): RateLimiter {
  const buckets = new Map<string, { left: number; at: number }>()
  const perMillisecond = limit / (windowSeconds * 1000)
  return {
    take(key) {
      const at = now()
      const bucket = buckets.get(key)
      const refilled = bucket ? bucket.left + Math.max(0, at - bucket.at) * perMillisecond : limit
      const left = Math.min(limit, refilled)
      const allowed = left >= 1
      buckets.delete(key)
      buckets.set(key, { left: allowed ? left - 1 : left, at })
      if (buckets.size > MAX_KEYS) buckets.delete(buckets.keys().next().value as string)
      return allowed ? 0 : Math.max(1, Math.ceil((1 - left) / perMillisecond / 1000))
    },
    giveBack(key) {
      const bucket = buckets.get(key)
      if (bucket) bucket.left = Math.min(limit, bucket.left + 1)
    },
  }
}

/**
 * The address of the client. Each trusted proxy appends the address it was called from to X-Forwarded-For, so only
 * the last `trustedProxies` entries are not the client's own invention.
 */
export function clientAddress(
  remoteAddress: string | undefined,
  forwardedFor: string | null | undefined,
  trustedProxies: number,
): string {
  const chain = [...(forwardedFor ?? '').split(','), remoteAddress ?? ''].map((entry) => entry.trim())
  const index = Math.max(0, chain.length - 1 - trustedProxies)
  return bareAddress(chain[index] || remoteAddress || 'unknown')
}

/** What an address is counted under: an IPv6 caller owns a whole /64 and is counted by it. */
export function addressKey(address: string): string {
  return isIPv6(address) ? `${expandIPv6(address).slice(0, 4).join(':')}::/64` : address
}

/** Without brackets, port and zone; an IPv4 address in IPv6 clothing as what it is. */
function bareAddress(address: string): string {
  const bare = address
    .replace(/^\[(.*)\](:\d+)?$/, '$1')
    .replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1')
    .replace(/%.*$/, '')
  return bare.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '').slice(0, 64)
}

function expandIPv6(address: string): string[] {
  const [head = '', tail] = address.toLowerCase().split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length)
  return [...before, ...Array<string>(zeros).fill('0'), ...after].map((group) =>
    group.replace(/^0+(?=.)/, ''),
  )
}
