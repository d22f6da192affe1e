import { expect, test } from 'vitest'
import { isDomain, readDomains } from './connection'

test('domains are read as people write them', () => {
  expect(readDomains(' Example.com, @example.org\nexample.com;')).toEqual(['example.com', 'example.org'])
  expect(readDomains(' , ')).toEqual([])
})

test('an address or a bare word is no domain', () => {
  expect(isDomain('mail.example.co')).toBe(true)
  for (const text of ['example', 'ada@example.com', 'https://example.com', '-a.com', 'a.c'])
    expect(isDomain(text)).toBe(false)
})
