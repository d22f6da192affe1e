import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { connect as connectHttp2 } from 'node:http2'
import { request } from 'node:https'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { connect } from 'node:tls'
import { createClient, type SupabaseClient } from '@supabase/supabase-js'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually, openDatabase } from './api'
import { findNginx, startNginx } from './nginx'
import { freePort, type Product, startProduct } from './product'
import { openSockets, rawHeaders, type Trusting, trust } from './trusting'

const program = findNginx()
if (!program) console.log('No Nginx: deploy/nginx.conf is not tested. Install it.')
const SOCKETS = 2_000
const MEGABYTE = 1024 * 1024
const PIECES = 200

let product: Product
let nginx: Awaited<ReturnType<typeof startNginx>>
let trusting: Trusting
let ada: SupabaseClient
let channelId: string

/**
 * Sends as the outbox does: the same id again where the line broke before an answer, which a connection that Nginx closes
 * for a reload may do to the request that is just then on its way.
 */
async function post(body: string) {
  const message = { id: uuidv7(), channel_id: channelId, body }
  for (;;) {
    const answer = await ada.from('messages').insert(message)
    if (!answer.error || answer.status !== 0) return answer
  }
}

const clientOptions = () => ({
  auth: { persistSession: false, autoRefreshToken: false },
  global: { fetch: trusting.fetch },
  realtime: { transport: trusting.socket as never },
})

describe.skipIf(!program)('behind Nginx', () => {
  beforeAll(async () => {
    const [http, https] = [await freePort(), await freePort()]
    product = await startProduct({
      env: {
        SITE_URL: `https://localhost:${https}`,
        TRUSTED_PROXIES: '1',
        // All of these people sit behind one address.
        REALTIME_MAX_JOINS_PER_SECOND: '100000',
      },
    })
    nginx = await startNginx(program as string, { upstream: product.port, http, https })
    trusting = await trust(nginx.ca)
  })

  afterAll(async () => {
    await ada?.removeAllChannels()
    await nginx?.stop()
    await product?.stop()
  })

  test('the configuration is valid and warns of nothing', () => {
    expect(nginx.verdict.split('\n').filter((line) => /warn|emerg|error/.test(line))).toEqual([])
  })

  test('http leads to https, but for the questions of a certificate authority', async () => {
    const answer = await fetch(`${nginx.plainUrl}/w/acme?x=1`, { redirect: 'manual' })
    expect(answer.status).toBe(301)
    expect(answer.headers.get('location')).toBe('https://localhost/w/acme?x=1')
    await mkdir(join(nginx.folder, 'www/.well-known/acme-challenge'), { recursive: true })
    await writeFile(join(nginx.folder, 'www/.well-known/acme-challenge/token'), 'proof')
    const proof = await fetch(`${nginx.plainUrl}/.well-known/acme-challenge/token`)
    expect(await proof.text()).toBe('proof')
  })

  test('speaks HTTP/2, and TLS 1.2 at least', async () => {
    const session = connectHttp2(nginx.url, { ca: nginx.ca })
    const stream = session.request({ ':path': '/api/health' })
    const [headers] = await once(stream, 'response')
    expect(headers[':status']).toBe(200)
    expect(session.alpnProtocol).toBe('h2')
    session.close()
    const old = connect({
      port: Number(new URL(nginx.url).port),
      ca: nginx.ca,
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1',
    })
    const [error] = await once(old, 'error')
    expect(String(error)).toMatch(/protocol|alert|version/i)
  })

  test('a person signs up, writes and hears with supabase-js', async () => {
    const config = await (await trusting.fetch(`${nginx.url}/api/config`)).json()
    expect(config.supabaseUrl).toBe(nginx.url)
    ada = createClient(config.supabaseUrl, config.supabaseKey, clientOptions())
    const signedUp = await ada.auth.signUp({ email: 'ada@example.test', password: 'a long password' })
    expect(signedUp.error).toBeNull()
    const workspace = await ada.rpc('create_workspace', { name: 'Behind' })
    expect(workspace.error).toBeNull()
    const channel = await ada.rpc('create_channel', {
      workspace_id: workspace.data.id,
      kind: 'public',
      name: 'line',
    })
    expect(channel.error).toBeNull()
    channelId = channel.data.id
    const heard: string[] = []
    await subscribe(heard)
    expect((await post('through the proxy')).error).toBeNull()
    await eventually('it is heard', () => heard.includes('through the proxy'))
  })

  async function subscribe(heard: string[]) {
    const filter = `channel_id=eq.${channelId}`
    const channel = ada.channel(`test-${uuidv7()}`)
    let ready = false
    channel
      .on('postgres_changes', { event: 'INSERT', schema: 'public', table: 'messages', filter }, (change) =>
        heard.push(change.new.body),
      )
      .on('system', {}, ({ status }) => {
        ready ||= status === 'ok'
      })
      .subscribe()
    await eventually('the subscription stands', () => ready)
    return channel
  }

  test('every header of protection comes once, whoever answers', async () => {
    for (const path of ['/sign-in', '/rest/v1/', '/_next/static/none.js', '/api/health']) {
      const headers = await rawHeaders(nginx, path)
      const names = headers.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase())
      for (const name of ['strict-transport-security', 'x-content-type-options']) {
        expect(names.filter((each) => each === name)).toHaveLength(1)
      }
      const single = names.filter((name) => name !== 'set-cookie' && name !== 'vary')
      expect(new Set(single).size).toBe(single.length)
    }
  })

  test('pages come compressed, and what the build compressed stays as it is', async () => {
    const page = await trusting.fetch(`${nginx.url}/sign-in`, { headers: { 'accept-encoding': 'gzip' } })
    expect(page.headers.get('content-encoding')).toBe('gzip')
    const script = /\/_next\/static\/[^"]+\.js/.exec(await page.text())?.[0]
    const built = await trusting.fetch(`${nginx.url}${script}`, {
      headers: { 'accept-encoding': 'br, gzip' },
    })
    expect(built.headers.get('content-encoding')).toBe('br')
  })

  test('what a client claims about its address is not believed', async () => {
    const claimed = async (url: string) => {
      const answer = await trusting.fetch(`${url}/auth/v1/token?grant_type=password`, {
        method: 'POST',
        headers: { 'x-forwarded-for': '203.0.113.7', apikey: product.secrets.publishableKey },
        body: JSON.stringify({ email: 'ada@example.test', password: 'a long password' }),
      })
      expect(answer.status).toBe(200)
      const sql = openDatabase(product)
      const [session] = await sql`select host(ip) as ip from auth.sessions order by created_at desc limit 1`
      await sql.end()
      return session?.ip
    }
    expect(['127.0.0.1', '::1']).toContain(await claimed(nginx.url))
    // Whom the product trusts it believes: without Nginx in between the claim would count.
    expect(await claimed(product.url)).toBe('203.0.113.7')
  })

  test('no key and no token gets into the log', async () => {
    await trusting.fetch(`${nginx.url}/auth/v1/verify?token=secret-of-a-mail&type=signup`, {
      redirect: 'manual',
    })
    const [socket] = await openSockets(trusting, nginx.url, product.secrets.publishableKey, 1)
    socket?.terminate()
    // A WebSocket is logged when it ends.
    for (const path of ['/auth/v1/verify', '/realtime/v1/websocket']) {
      await eventually(`${path} is logged`, async () => (await nginx.log()).includes(path))
    }
    const log = await nginx.log()
    expect(log).not.toContain('secret-of-a-mail')
    expect(log).not.toContain(product.secrets.publishableKey)
  })

  test('a file of 200 MB goes through as it comes, and comes back the same', async () => {
    const { secretKey } = product.secrets
    const authorization = { apikey: secretKey, authorization: `Bearer ${secretKey}` }
    const admin = createClient(nginx.url, secretKey, clientOptions())
    expect((await admin.storage.createBucket('large', { public: false })).error).toBeNull()

    const sent = createHash('sha256')
    const asked = request(`${nginx.url}/storage/v1/object/large/file.bin`, {
      ca: nginx.ca,
      method: 'POST',
      headers: {
        ...authorization,
        'content-type': 'application/octet-stream',
        'content-length': PIECES * MEGABYTE,
      },
    })
    const answer = once(asked, 'response')
    await pipeline(async function* () {
      for (let piece = 0; piece < PIECES; piece += 1) {
        const bytes = randomBytes(MEGABYTE)
        sent.update(bytes)
        yield bytes
        // Nothing of it waits on this disk: Nginx would have put it into a file by now.
        if (piece === PIECES / 2) expect(await filesIn(join(nginx.folder, 'temp'))).toEqual([])
      }
    }, asked)
    const [response] = await answer
    expect(response.statusCode).toBe(200)
    response.resume()

    const back = request(`${nginx.url}/storage/v1/object/authenticated/large/file.bin`, {
      ca: nginx.ca,
      headers: authorization,
    })
    back.end()
    const [file] = await once(back, 'response')
    expect(file.statusCode).toBe(200)
    const received = createHash('sha256')
    await pipeline(file, received)
    expect(received.digest('hex')).toBe(sent.digest('hex'))
  })

  test('another request that is too large is refused in words that clients understand', async () => {
    const answer = await trusting.fetch(`${nginx.url}/rest/v1/messages`, {
      method: 'POST',
      headers: { apikey: product.secrets.publishableKey, 'content-type': 'application/json' },
      body: 'x'.repeat(11 * MEGABYTE),
    })
    expect(answer.status).toBe(413)
    expect(await answer.json()).toMatchObject({ code: 'request_too_large' })
  })

  test(`${SOCKETS.toLocaleString('en')} people hold WebSockets, and a reload loses neither one of them nor a message`, async () => {
    const sockets = await openSockets(trusting, nginx.url, product.secrets.publishableKey, SOCKETS)
    let closed = 0
    const told = new Array<number>(SOCKETS).fill(0)
    for (const [index, socket] of sockets.entries()) {
      socket.on('close', () => (closed += 1))
      socket.on('message', (data) => {
        if (String(data).includes('"shout"')) told[index] = (told[index] as number) + 1
      })
    }
    const heard: string[] = []
    const subscription = await subscribe(heard)
    const sent = Array.from({ length: 60 }, (_, index) => `message ${index}`)
    const refused: unknown[] = []
    for (const [index, body] of sent.entries()) {
      const reloading = index === 20 ? nginx.reload() : undefined
      const { error } = await post(body)
      if (error) refused.push(error)
      if (index % 20 === 0) await shout()
      await reloading
    }
    expect(refused).toEqual([])
    await eventually('all are heard', () => heard.length >= sent.length)
    expect(heard).toEqual(sent)
    await eventually('everybody was told thrice', () => told.every((count) => count >= 3))
    expect(told.every((count) => count === 3)).toBe(true)
    expect(closed).toBe(0)
    await ada.removeChannel(subscription)
    for (const socket of sockets) socket.terminate()
  })

  async function shout() {
    const answer = await trusting.fetch(`${nginx.url}/realtime/v1/api/broadcast`, {
      method: 'POST',
      headers: { apikey: product.secrets.publishableKey, 'content-type': 'application/json' },
      body: JSON.stringify({ messages: [{ topic: 'square', event: 'shout', payload: {}, private: false }] }),
    })
    expect(answer.status).toBe(202)
  }

  test('guesses at a password are slowed down; renewing sessions is not', async () => {
    const ask = (grant: string, body: object) =>
      trusting.fetch(`${nginx.url}/auth/v1/token?grant_type=${grant}`, {
        method: 'POST',
        headers: { apikey: product.secrets.publishableKey },
        body: JSON.stringify(body),
      })
    const many = <T>(ask: () => Promise<T>) => Promise.all(Array.from({ length: 120 }, ask))
    const renewed = await many(() => ask('refresh_token', { refresh_token: 'none' }))
    expect(renewed.filter(({ status }) => status === 429)).toEqual([])
    const guesses = await many(() => ask('password', { email: 'ada@example.test', password: 'guess' }))
    // What the product answers has its id; this is Nginx's own answer.
    const slowed = guesses.filter(({ status, headers }) => status === 429 && !headers.has('x-request-id'))
    expect(slowed.length).toBeGreaterThan(20)
    const [first] = slowed
    expect(first?.headers.get('retry-after')).toBe('5')
    expect(await first?.json()).toMatchObject({ code: 'over_request_rate_limit' })
    for (const name of ['strict-transport-security', 'x-content-type-options']) {
      expect(first?.headers.has(name)).toBe(true)
    }
  })
})

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name)
}
