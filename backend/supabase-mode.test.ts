import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import WebSocket, { WebSocketServer } from 'ws'
import { type Running, start } from './main'

// A Supabase project that notes what it is asked.
const asked: IncomingMessage[] = []
const project = createServer((request, response) => {
  asked.push(request)
  response.writeHead(200, { 'content-type': 'application/json', 'access-control-allow-origin': '*' })
  response.end('{"from":"supabase"}')
})
const sockets = new WebSocketServer({ server: project })
sockets.on('connection', (socket, request) => {
  asked.push(request)
  socket.on('message', (data) => socket.send(`heard ${data}`))
})
let projectUrl: string
let running: Running

beforeAll(async () => {
  await new Promise<void>((resolve) => project.listen(0, '127.0.0.1', resolve))
  projectUrl = `http://127.0.0.1:${(project.address() as AddressInfo).port}`
  const env = { PORT: '0', HOST: '127.0.0.1', LOG_LEVEL: 'silent', DATA_DIR: '/dev/null/never' }
  running = await start(
    { root: '/nowhere', defaultPort: 0, front: null },
    { NODE_ENV: 'test', ...env, SUPABASE_URL: projectUrl, SUPABASE_ANON_KEY: 'their key' },
  )
})
afterAll(async () => {
  await running?.stop()
  project.closeAllConnections()
  project.close()
})
beforeEach(() => {
  asked.length = 0
})

test.each(['/auth/v1/token', '/rest/v1/messages', '/realtime/v1/api/broadcast', '/storage/v1/bucket'])(
  '%s is passed on to the project',
  async (path) => {
    const response = await fetch(`${running.url}${path}?x=1`, {
      method: 'POST',
      body: '{}',
      headers: { apikey: 'k' },
    })
    expect(await response.json()).toEqual({ from: 'supabase' })
    expect(asked[0]).toMatchObject({
      method: 'POST',
      url: `${path}?x=1`,
      headers: { host: new URL(projectUrl).host, apikey: 'k' },
    })
  },
)

test('a realtime socket is passed on to the project', async () => {
  const socket = new WebSocket(`${running.url.replace('http', 'ws')}/realtime/v1/websocket?apikey=k`)
  await new Promise((resolve) => socket.once('open', resolve))
  socket.send('hello')
  expect(String(await new Promise((resolve) => socket.once('message', resolve)))).toBe('heard hello')
  expect(asked[0]?.url).toBe('/realtime/v1/websocket?apikey=k')
  socket.terminate()
})

test('clients learn the project, and nothing of the embedded backend has started', async () => {
  const config = await fetch(`${running.url}/api/config`)
  expect(await config.json()).toEqual({ supabaseUrl: projectUrl, supabaseKey: 'their key', mail: true })
  const health = await fetch(`${running.url}/api/health`)
  expect(await health.json()).toEqual({ status: 'ok', parts: {} })
})
