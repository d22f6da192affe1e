import { expect, test } from 'vitest'
import { contentSecurityPolicy } from './content-security-policy'

const directives = (policy: string) =>
  new Map(
    policy.split('; ').map((part) => [part.slice(0, part.indexOf(' ')), part.slice(part.indexOf(' ') + 1)]),
  )

test('the whole policy of a page', () => {
  expect([...directives(contentSecurityPolicy({ nonce: 'abc' }))]).toEqual([
    ['default-src', "'self'"],
    ['script-src', "'self' 'nonce-abc' 'strict-dynamic'"],
    ['style-src', "'self' 'nonce-abc'"],
    ['img-src', "'self' blob: data:"],
    ['media-src', "'self' blob:"],
    ['font-src', "'self'"],
    ['connect-src', "'self'"],
    ['worker-src', "'self' blob:"],
    ['manifest-src', "'self'"],
    ['object-src', "'none'"],
    ['base-uri', "'none'"],
    ['form-action', "'self'"],
    ['frame-ancestors', "'none'"],
    ['require-trusted-types-for', "'script'"],
    ['trusted-types', 'default'],
  ])
})

test('a configured Supabase may be talked to, and nothing else', () => {
  const policy = directives(contentSecurityPolicy({ nonce: 'a', supabaseUrl: 'https://db.example.com/x' }))
  expect(policy.get('connect-src')).toBe("'self' https://db.example.com wss://db.example.com")
  expect(policy.get('img-src')).toContain('https://db.example.com')
  expect(policy.get('script-src')).not.toContain('example')
})

test('an address that is none adds nothing', () => {
  const policy = directives(contentSecurityPolicy({ nonce: 'a', supabaseUrl: 'not a url' }))
  expect(policy.get('connect-src')).toBe("'self'")
})
