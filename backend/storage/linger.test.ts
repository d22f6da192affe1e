import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { linger } from './linger'

/** A client that sends chunks on until its connection ends; what it read, and whether sending was ever an error. */
async function sendOn(answer: (request: IncomingMessage, response: ServerResponse) => void, chunks: number) {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  let text = ''
  let error: Error | undefined
  socket.on('data', (data) => {
    text += data
  })
  socket.on('error', (reason) => {
    error = reason
  })
  socket.write('POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n')
  const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`
  for (let sent = 0; sent < chunks && !socket.destroyed; sent += 1) {
    if (!socket.write(chunk))
      await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => {})
    await sleep(1)
  }
  if (!socket.destroyed) {
    socket.write('0\r\n\r\nGET /again HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
    if (!socket.closed) await once(socket, 'close').catch(() => {})
  }
  server.close()
  return { text, error }
}

const refuse = (response: ServerResponse) => response.writeHead(413, { 'content-length': 3 }).end('too')

test('a client that goes on sending hears the answer, whoever read before, and its connection is good for more', async () => {
  const { text, error } = await sendOn((request, response) => {
    linger(request, response)
    if (request.url === '/again') return void response.end('again')
    // As a stream of the web does whose reader has gone.
    request.on('data', () => {
      request.pause()
      if (!response.writableEnded) refuse(response)
    })
  }, 300)
  expect(error).toBeUndefined()
  expect(text).toMatch(/^HTTP\/1.1 413 [\s\S]*too[\s\S]*HTTP\/1.1 200 [\s\S]*again/)
})

test('an answer that is the last of its connection ends it, after what is still to come', async () => {
  const { text, error } = await sendOn((request, response) => {
    linger(request, response)
    response.setHeader('connection', 'close')
    request.once('data', () => refuse(response))
  }, 300)
  expect(error).toBeUndefined()
  expect(text).toMatch(/^HTTP\/1.1 413 [\s\S]*connection: close[\s\S]*too$/i)
})

test('not for ever', async () => {
  const { text } = await sendOn((request, response) => {
    linger(request, response, 100)
    request.once('data', () => refuse(response))
  }, 100_000)
  expect(text).toMatch(/^HTTP\/1.1 413 [\s\S]*too$/)
})
