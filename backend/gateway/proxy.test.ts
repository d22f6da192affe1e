import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  request as send,
} from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { pino } from 'pino'
import { afterEach, expect, test } from 'vitest'
import WebSocket, { WebSocketServer } from 'ws'
import { frontAway } from './pages'
import { createProxy } from './proxy'

const proxy = createProxy({ trustedProxies: 0, log: pino({ level: 'silent' }) })
const servers: Server[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

async function listen(listener: RequestListener): Promise<{ server: Server; port: number }> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  servers.push(server)
  await new Promise((resolve) => server.once('listening', resolve))
  return { server, port: (server.address() as AddressInfo).port }
}

/** A proxy in front of a server that answers with `listener`. */
async function inFrontOf(listener: RequestListener) {
  const behind = await listen(listener)
  const target = { origin: `http://127.0.0.1:${behind.port}`, unreachable: frontAway }
  const { server, port } = await listen((request, response) => void proxy.pass(request, response, target))
  server.on('upgrade', (request, socket, head) => proxy.passUpgrade(request, socket, head, target))
  return { behind, url: `http://127.0.0.1:${port}` }
}

test('method, path, headers and body arrive, and so does the answer', async () => {
  let seen: Pick<IncomingMessage, 'method' | 'url' | 'headers'> | undefined
  const { url } = await inFrontOf(async (request, response) => {
    seen = request
    response.writeHead(201, { 'x-answer': 'yes', 'set-cookie': ['a=1', 'b=2'] }).end(await text(request))
  })
  const response = await fetch(`${url}/path?q=1`, { method: 'POST', body: 'ünï', headers: { 'x-mine': '1' } })
  expect([response.status, await response.text()]).toEqual([201, 'ünï'])
  expect(response.headers.get('x-answer')).toBe('yes')
  expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  expect(seen).toMatchObject({ method: 'POST', url: '/path?q=1' })
  expect(seen?.headers).toMatchObject({
    'x-mine': '1',
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'http',
  })
})

test('a body of unknown length streams through, both ways at once', async () => {
  const { url } = await inFrontOf((request, response) => void request.pipe(response))
  const request = send(`${url}/echo`, { method: 'POST' })
  request.write('first')
  const response = await new Promise<IncomingMessage>((resolve) => request.once('response', resolve))
  response.setEncoding('utf8')
  const chunks = response.iterator()
  expect((await chunks.next()).value).toBe('first')
  request.end('second')
  expect((await chunks.next()).value).toBe('second')
  expect((await chunks.next()).done).toBe(true)
})

test('a client that goes away takes its request with it', async () => {
  const closed = new Promise<void>((resolve) => {
    void inFrontOf((_request, response) => {
      response.write('start')
      response.once('close', () => resolve())
    }).then(({ url }) => {
      const request = send(url, (response) => response.once('data', () => request.destroy()))
      request.on('error', () => {}).end()
    })
  })
  await closed
})

test('an answer that breaks off breaks off for the client too', async () => {
  const { url } = await inFrontOf((_request, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('half')
    setImmediate(() => response.destroy())
  })
  await expect(fetch(url).then((response) => response.text())).rejects.toThrow()
})

test('a connection that closes as it is used again costs nothing but a second try', async () => {
  let answered = 0
  const { url } = await inFrontOf((request, response) => {
    // As after an idle time-out: the second request on a connection finds it closed.
    if (answered++ === 1) request.socket.destroy()
    else response.end('here')
  })
  expect(await (await fetch(url)).text()).toBe('here')
  const second = await fetch(url)
  expect([second.status, await second.text(), answered]).toEqual([200, 'here', 3])
})

test('what has a body is never sent twice', async () => {
  let received = 0
  const { url } = await inFrontOf((request, response) => {
    if (received++ === 1) request.socket.destroy()
    else response.end('here')
  })
  await (await fetch(url)).text()
  expect((await fetch(url, { method: 'POST', body: 'pay once' })).status).toBe(503)
  expect(received).toBe(2)
})

test('while there is nobody behind it, a browser gets a page that tries again and a program a word', async () => {
  const { url, behind } = await inFrontOf(() => {})
  await new Promise((resolve) => behind.server.close(resolve))
  const page = await fetch(url, { headers: { accept: 'text/html' } })
  expect([page.status, page.headers.get('retry-after')]).toEqual([503, '2'])
  expect(await page.text()).toContain('http-equiv="refresh"')
  const program = await fetch(url, { method: 'POST', body: 'x'.repeat(100_000) })
  expect([program.status, await program.text()]).toEqual([
    503,
    'The site is starting. Try again in a few seconds.\n',
  ])
})

test('a WebSocket is carried both ways', async () => {
  const { url, behind } = await inFrontOf(() => {})
  const echo = new WebSocketServer({ server: behind.server })
  echo.on('connection', (socket) => socket.on('message', (data) => socket.send(`echo ${data}`)))
  const socket = new WebSocket(url.replace('http', 'ws'))
  await new Promise((resolve) => socket.once('open', resolve))
  socket.send('hello')
  const [answer] = await new Promise<[unknown]>((resolve) =>
    socket.once('message', (data) => resolve([data])),
  )
  expect(String(answer)).toBe('echo hello')
  socket.close()
  await new Promise((resolve) => socket.once('close', resolve))
})

test('a refused upgrade is told to the client', async () => {
  const { url } = await inFrontOf((_request, response) => response.writeHead(403).end())
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 403 /)
})
