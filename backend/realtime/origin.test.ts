import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { mayConnectFrom, type OriginRules } from './origin'

const asked = (origin: string | undefined, rules: Partial<OriginRules> = {}, headers = {}) =>
  mayConnectFrom(
    { headers: { host: 'chat.example.com', origin, ...headers } } as unknown as IncomingMessage,
    {
      allowedOrigins: [],
      siteUrl: undefined,
      trustedProxies: 0,
      ...rules,
    },
  )

test('B12: programs, which send no origin, and pages of the site itself may connect', () => {
  expect(asked(undefined)).toBe(true)
  expect(asked('https://chat.example.com')).toBe(true)
  expect(asked('https://chat.example.com:3000', {}, { host: 'chat.example.com:3000' })).toBe(true)
})

test.each([
  'https://evil.example',
  'null',
  'https://chat.example.com.evil.com',
  'https://evilchat.example.com',
  'https://chat.example.com:8443',
  'https://chat.example.com@evil.com',
  'http://localhost.evil.com',
  'http://localhost',
  'file://',
  '',
])('B12: a page of %s may not', (origin) => {
  expect(asked(origin)).toBe(false)
})

test('the site’s own address and those that are listed may connect, and with * any', () => {
  expect(asked('https://other.example', { siteUrl: 'https://other.example/chat' })).toBe(true)
  expect(asked('https://app.example', { allowedOrigins: ['https://app.example'] })).toBe(true)
  expect(asked('http://app.example', { allowedOrigins: ['https://app.example'] })).toBe(false)
  expect(asked('https://evil.example', { allowedOrigins: ['*'] })).toBe(true)
})

test('only a trusted proxy may say which address was asked for', () => {
  const spoofed = { 'x-forwarded-host': 'evil.example' }
  expect(asked('https://evil.example', {}, spoofed)).toBe(false)
  expect(asked('https://evil.example', { trustedProxies: 1 }, spoofed)).toBe(true)
})

test('on one machine the page may have another port', () => {
  expect(asked('http://localhost:3000', {}, { host: '127.0.0.1:54321' })).toBe(true)
  expect(asked('http://localhost.evil.com', {}, { host: 'localhost:54321' })).toBe(false)
})
