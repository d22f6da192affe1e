import { describe, expect, test } from 'vitest'
import { addressKey, clientAddress, createRateLimiter } from './rate-limit'

describe('a rate limiter', () => {
  test('lets a burst through, then says how long to wait, then refills evenly', () => {
    let now = 1_000_000
    const limiter = createRateLimiter({ limit: 3, windowSeconds: 30 }, () => now)
    expect([1, 2, 3].map(() => limiter.take('ada'))).toEqual([0, 0, 0])
    expect(limiter.take('ada')).toBe(10)
    now += 4_000
    expect(limiter.take('ada')).toBe(6)
    now += 6_000
    expect(limiter.take('ada')).toBe(0)
    expect(limiter.take('ada')).toBe(10)
  })

  test('counts each key for itself', () => {
    const limiter = createRateLimiter({ limit: 1, windowSeconds: 60 })
    expect(limiter.take('ada')).toBe(0)
    expect(limiter.take('grace')).toBe(0)
    expect(limiter.take('ada')).toBeGreaterThan(0)
  })

  test('is not refilled by a clock that jumps back', () => {
    let now = 1_000_000
    const limiter = createRateLimiter({ limit: 1, windowSeconds: 10 }, () => now)
    limiter.take('ada')
    now -= 500_000
    expect(limiter.take('ada')).toBe(10)
  })
})

describe('the address of a client', () => {
  test('without a proxy is the socket, whatever the request says', () => {
    expect(clientAddress('203.0.113.7', '1.1.1.1, 2.2.2.2', 0)).toBe('203.0.113.7')
  })

  test('behind proxies is what the outermost trusted one saw', () => {
    expect(clientAddress('10.0.0.1', '198.51.100.9', 1)).toBe('198.51.100.9')
    expect(clientAddress('10.0.0.1', '6.6.6.6, 198.51.100.9', 1)).toBe('198.51.100.9')
    expect(clientAddress('10.0.0.1', '6.6.6.6, 198.51.100.9, 10.0.0.2', 2)).toBe('198.51.100.9')
  })

  test('falls back to what there is', () => {
    expect(clientAddress('203.0.113.7', null, 1)).toBe('203.0.113.7')
    expect(clientAddress('203.0.113.7', '', 2)).toBe('203.0.113.7')
    expect(clientAddress('203.0.113.7', 'a, ', 1)).toBe('203.0.113.7')
    expect(clientAddress(undefined, null, 0)).toBe('unknown')
  })

  test('is one for all spellings of an IPv4 address', () => {
    expect(clientAddress('::ffff:203.0.113.7', null, 0)).toBe('203.0.113.7')
    expect(clientAddress('10.0.0.1', '203.0.113.7:4711', 1)).toBe('203.0.113.7')
  })

  test('of IPv6 is counted by its /64', () => {
    const key = (address: string) => addressKey(clientAddress('10.0.0.1', address, 1))
    for (const address of ['2001:db8:1:2::1', '2001:0DB8:0001:0002:ffff:1:2:3', '[2001:db8:1:2::9]:443']) {
      expect(key(address)).toBe('2001:db8:1:2::/64')
    }
    expect(key('2001:db8:1:3::1')).toBe('2001:db8:1:3::/64')
    expect(key('::1')).toBe('0:0:0:0::/64')
    expect(key('fe80::1%eth0')).toBe('fe80:0:0:0::/64')
    expect(key('203.0.113.7')).toBe('203.0.113.7')
  })
})
