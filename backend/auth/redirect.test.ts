import { expect, test } from 'vitest'
import { type RedirectRules, redirectTarget, requireRedirect } from './redirect'

const rules: RedirectRules = {
  siteUrl: 'https://chat.example.com',
  redirectUrls: ['https://*.preview.example.net/**', 'http://localhost:5173', 'enterprisechat://signed-in'],
}

test.each([
  'https://chat.example.com/w/acme?x=1#y',
  'https://chat.example.com',
  'https://one.preview.example.net/any/where',
  'http://localhost:5173',
  'http://localhost:5173/?code=1',
  'enterprisechat://signed-in',
])('%s is allowed', (address) => {
  expect(redirectTarget(rules, address)).toBe(address)
})

test.each([
  '//evil.example',
  'https://evil.example',
  'https://chat.example.com@evil.example/',
  'https://user:pass@chat.example.com/',
  'https://chat.example.com\\@evil.example',
  'https:\\\\evil.example',
  'https://chat.example.com.evil.example',
  'http://chat.example.com/',
  'https://chat.example.com:444/',
  'javascript:alert(1)',
  'data:text/html,x',
  'java\nscript:alert(1)',
  'https://a.b.preview.example.net/',
  'https://evil.example/?https://one.preview.example.net/x',
  'https://evil.example/.preview.example.net/',
  'http://localhost:5173/deeper',
  // A host that a browser reads as an IP address, or that has no dot, before what looks like the rest of the pattern.
  'https://1249763844?.preview.example.net/x',
  'https://1249763844#.preview.example.net/x',
  'https://0x4a7de244?.preview.example.net/x',
  'https://intranet?.preview.example.net/x',
  'not an address',
  '',
])('%s leads to the site instead', (address) => {
  expect(redirectTarget(rules, address)).toBe(rules.siteUrl)
  expect(() => requireRedirect(rules, address)).toThrow()
})

test('an address is read only so far', () => {
  expect(redirectTarget(rules, `https://chat.example.com/${'a'.repeat(5_000)}`)).toBe(rules.siteUrl)
})
