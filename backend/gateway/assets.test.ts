import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openAssets } from './assets'

const text = 'export const answer = 42\n'.repeat(40)
let folder: string
let server: Server
let port: number

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ec-assets-'))
  await mkdir(join(folder, 'static', 'chunks'), { recursive: true })
  await writeFile(join(folder, 'secret.js'), 'not for the world')
  await writeFile(join(folder, 'static', 'chunks', 'a.js'), text)
  await writeFile(join(folder, 'static', 'chunks', 'a.js.br'), brotliCompressSync(text))
  await writeFile(join(folder, 'static', 'chunks', 'a.js.gz'), gzipSync(text))
  await writeFile(join(folder, 'static', 'plain.css'), 'p {}')
  await writeFile(join(folder, 'static', 'thread.mjs'), text)
  await writeFile(join(folder, 'static', 'notes.txt'), 'of a type that nobody serves')
  const assets = await openAssets({ prefix: '/_next/static/', folder: join(folder, 'static') })
  server = createServer((request, response) => {
    const path = request.url ?? ''
    if (assets.has(path)) return void assets.serve(request, response, path)
    response.writeHead(404).end()
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  port = (server.address() as AddressInfo).port
})
afterAll(async () => {
  server.close()
  await rm(folder, { recursive: true, force: true })
})

/** The head of the answer to exactly this path: `fetch` would tidy it up. */
async function head(path: string, encodings = '', method = 'GET'): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(
    `${method} ${path} HTTP/1.1\r\nhost: x\r\naccept-encoding: ${encodings}\r\nconnection: close\r\n\r\n`,
  )
  let answer = ''
  for await (const chunk of socket) answer += (chunk as Buffer).toString('latin1')
  return answer.split('\r\n\r\n')[0]?.toLowerCase() ?? ''
}

test('sends what was compressed beforehand, to be kept for good', async () => {
  const response = await fetch(`http://127.0.0.1:${port}/_next/static/chunks/a.js`)
  expect(await response.text()).toBe(text)
  expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  expect(response.headers.get('vary')).toBe('accept-encoding')
  expect(await head('/_next/static/chunks/a.js', 'gzip, deflate, br, zstd')).toContain('content-encoding: br')
  expect(await head('/_next/static/chunks/a.js', 'gzip, deflate')).toContain('content-encoding: gzip')
  expect(await head('/_next/static/chunks/a.js', 'br;q=0, gzip')).toContain('content-encoding: gzip')
  expect(await head('/_next/static/chunks/a.js')).not.toContain('content-encoding')
  expect(await head('/_next/static/plain.css', 'br')).not.toContain('content-encoding')
})

test('lets a thread talk to nobody, and leaves scripts of pages to the pages', async () => {
  const thread = await head('/_next/static/thread.mjs')
  expect(thread).toContain('content-type: text/javascript')
  expect(thread).toContain("content-security-policy: default-src 'none'; script-src 'wasm-unsafe-eval'")
  expect(await head('/_next/static/chunks/a.js')).not.toContain('content-security-policy')
})

test('HEAD has the same head', async () => {
  const path = '/_next/static/chunks/a.js'
  const withoutDate = (text: string) => text.replace(/date: [^\r]+/, '')
  expect(withoutDate(await head(path, 'br', 'HEAD'))).toBe(withoutDate(await head(path, 'br')))
})

test.each([
  '/_next/static/../secret.js',
  '/_next/static/%2e%2e/secret.js',
  '/_next/static/chunks/../../secret.js',
  '/_next/static//etc/passwd',
  '/_next/static/',
  '/_next/static/chunks',
  '/_next/static/constructor',
  '/_next/static/notes.txt',
  '/secret.js',
])('has no %s', async (path) => {
  expect(await head(path)).toContain(' 404 ')
})
