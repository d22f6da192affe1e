import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { endToEndHeaders, forwardedHeaders, publicOrigin } from './forwarded'

const request = (headers: Record<string, string>) =>
  ({
    headers: { host: 'chat.local:3000', ...headers },
    socket: { remoteAddress: '10.0.0.9' },
  }) as IncomingMessage

const spoofed = {
  'x-forwarded-for': '1.2.3.4',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'evil.example',
}

test('without trusted proxies nobody is believed', () => {
  expect(publicOrigin(request(spoofed), 0)).toBe('http://chat.local:3000')
  expect(forwardedHeaders(request(spoofed), 0)).toMatchObject({
    'x-forwarded-for': '10.0.0.9',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': 'chat.local:3000',
  })
})

test('behind a trusted proxy its own entry counts', () => {
  const behind = request({
    'x-forwarded-for': '1.2.3.4',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'evil.example, chat.example',
  })
  expect(publicOrigin(behind, 1)).toBe('https://chat.example')
  expect(forwardedHeaders(behind, 1)['x-forwarded-for']).toBe('1.2.3.4, 10.0.0.9')
})

test('headers of one connection stay on it', () => {
  const headers = {
    connection: 'keep-alive, X-Hop',
    'keep-alive': 'timeout=5',
    'x-hop': '1',
    upgrade: 'h2c',
    accept: 'a',
  }
  expect(endToEndHeaders(headers)).toEqual({ accept: 'a' })
})
