import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { guardedFetch } from './guarded-fetch'
import { isPrivateAddress } from './private-address'

let canary: Server
let origin: string
let visits = 0

beforeAll(async () => {
  canary = createServer((request, response) => {
    visits += 1
    if (request.url === '/redirect') response.writeHead(302, { location: '/there' }).end()
    else if (request.url === '/large') response.end(Buffer.alloc(2000))
    else if (request.url === '/slow') response.write('a')
    else response.end('hello')
  })
  await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(canary.address() as AddressInfo).port}`
})

afterAll(() => {
  canary.closeAllConnections()
  canary.close()
})

test.each(
  [
    '127.0.0.1 0.0.0.0 10.1.2.3 172.16.0.1 172.31.255.255 192.168.1.1 100.64.0.1 169.254.169.254 198.18.0.1',
    '224.0.0.1 255.255.255.255 ::1 :: ::ffff:127.0.0.1 ::127.0.0.1 64:ff9b::7f00:1 64:ff9b:1::1 2002:7f00:1::',
    '2001::1 fe80::1%eth0 fc00::1 fd12::1 ff02::1 2001:db8::1 nonsense',
  ].flatMap((line) => line.split(' ')),
)('%s is private', (address) => {
  expect(isPrivateAddress(address)).toBe(true)
})

test.each(['1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450::1'])(
  '%s is public',
  (address) => {
    expect(isPrivateAddress(address)).toBe(false)
  },
)

test('reaches the own network only where that is allowed', async () => {
  const { port } = canary.address() as AddressInfo
  const before = visits
  for (const host of [
    '127.0.0.1',
    'localhost',
    '127.1',
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '[::1]',
    '0',
  ]) {
    for (const protocol of ['http', 'https']) {
      const address = `${protocol}://${host}:${port}/`
      await expect(guardedFetch(address, {}, { allowPrivateHosts: false })).rejects.toThrow(
        /https:\/\/|own network/,
      )
    }
  }
  expect(visits).toBe(before)
  const answer = await guardedFetch(`${origin}/`, {}, { allowPrivateHosts: true })
  expect(await answer.text()).toBe('hello')
})

test('refuses other protocols and user names', async () => {
  for (const address of ['file:///etc/passwd', 'gopher://x/', 'https://a:b@example.com/', 'nothing']) {
    await expect(guardedFetch(address, {}, { allowPrivateHosts: true })).rejects.toThrow()
  }
})

test('follows redirects only when told to, and checks each', async () => {
  const limits = { allowPrivateHosts: true }
  expect((await guardedFetch(`${origin}/redirect`, {}, limits)).status).toBe(302)
  const followed = await guardedFetch(`${origin}/redirect`, {}, { ...limits, redirects: 1 })
  expect(await followed.text()).toBe('hello')
})

test('ends at its limits', async () => {
  const limits = { allowPrivateHosts: true }
  await expect(guardedFetch(`${origin}/large`, {}, { ...limits, maxBytes: 1999 })).rejects.toThrow(/larger/)
  expect((await guardedFetch(`${origin}/large`, {}, { ...limits, maxBytes: 2000 })).status).toBe(200)
  await expect(guardedFetch(`${origin}/slow`, {}, { ...limits, timeoutMs: 200 })).rejects.toThrow()
})
