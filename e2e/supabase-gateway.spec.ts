import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { findNginx, type Services, startGateway } from './nginx'
import { freePort } from './product'

const program = findNginx()
if (!program) console.log('No Nginx: deploy/supabase/gateway.conf is not tested. Install it.')

const names = ['auth', 'rest', 'realtime', 'storage', 'product'] as const
const servers: Server[] = []
let gateway: Awaited<ReturnType<typeof startGateway>>
let url: string

/** A server that tells what it was asked, in place of a service that this machine cannot run. */
async function tellTale(name: string): Promise<string> {
  const server = createServer((request, response) => {
    response.end(JSON.stringify({ name, path: request.url, headers: request.headers }))
  })
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (socket, { url: path, headers }) => {
    socket.send(JSON.stringify({ name, path, headers }))
  })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe.skipIf(!program)('the gateway of deploy/supabase', () => {
  beforeAll(async () => {
    const addresses = await Promise.all(names.map(async (name) => [name, await tellTale(name)]))
    const port = await freePort()
    url = `http://127.0.0.1:${port}`
    gateway = await startGateway(program as string, port, Object.fromEntries(addresses) as Services)
  })

  afterAll(async () => {
    await gateway?.stop()
    for (const server of servers) server.close()
  })

  test.each([
    ['/auth/v1/token?grant_type=password', 'auth', '/token?grant_type=password'],
    ['/auth/v1/login', 'auth', '/token?grant_type=password'],
    ['/rest/v1/messages?select=*&body=like.*%C3%A4*', 'rest', '/messages?select=*&body=like.*%C3%A4*'],
    ['/rest/v1/', 'rest', '/'],
    ['/realtime/v1/api/broadcast', 'realtime', '/api/broadcast'],
    ['/storage/v1/object/files/a%20b.png', 'storage', '/object/files/a%20b.png'],
    ['/w/acme', 'product', '/w/acme'],
    ['/api/config', 'product', '/api/config'],
  ])('%s goes to %s as %s', async (asked, name, path) => {
    const headers = { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https' }
    const told = await (await fetch(url + asked, { headers })).json()
    expect(told).toMatchObject({ name, path, headers })
    if (name === 'realtime') expect(told.headers.host).toBe('realtime-dev.supabase-realtime')
    if (name === 'storage')
      expect(told.headers['x-forwarded-path']).toBe('/storage/v1/object/files/a%20b.png')
  })

  test('a WebSocket reaches the tenant of realtime', async () => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/realtime/v1/websocket?apikey=k&vsn=1.0.0`)
    const [message] = await once(socket, 'message')
    const told = JSON.parse(String(message))
    expect(told).toMatchObject({ name: 'realtime', path: '/socket/websocket?apikey=k&vsn=1.0.0' })
    expect(told.headers.host).toBe('realtime-dev.supabase-realtime')
    socket.terminate()
  })
})
