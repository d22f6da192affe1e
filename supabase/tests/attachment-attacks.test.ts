import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openHttpWorld, type Who } from './http-world'
import { newId, type World } from './personas'

// What somebody with a token and a shell does to the files of others, over HTTP.

let http: Awaited<ReturnType<typeof openHttpWorld>>
let world: World
beforeAll(async () => {
  http = await openHttpWorld()
  world = http.world
})
afterAll(() => http.stop())

type Place = keyof World['channel']
type Asked = { method?: string; body?: unknown; headers?: Record<string, string> }

async function ask(who: Who, path: string, { method = 'GET', body, headers }: Asked = {}) {
  const { server, tokens } = http
  const token = tokens[who]
  const answer = await fetch(`${server.url}${path}`, {
    method,
    headers: {
      apikey: server.publishableKey,
      'content-type': 'application/json',
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  return { status: answer.status, text: await answer.text(), headers: answer.headers }
}
const post = (who: Who, path: string, body: unknown, headers = {}) =>
  ask(who, path, { method: 'POST', body, headers })

async function announce(who: Who, place: Place, facts: object = {}) {
  const [id, channel_id] = [newId(), world.channel[place]]
  const row = { id, channel_id, name: 'a.txt', type: 'text/plain', size: 5, ...facts }
  const { status, text } = await post(who, '/rest/v1/attachments', row)
  return { id, path: `${channel_id}/${id}`, status, text }
}
async function sendFile(who: Who, place: Place) {
  const file = await announce(who, place)
  const stored = await post(who, `/storage/v1/object/attachments/${file.path}`, 'bytes', {
    'content-type': 'text/plain',
  })
  expect(stored.status).toBe(200)
  const messageId = newId()
  const message = { id: messageId, channel_id: world.channel[place], body: '', attachments: [file.id] }
  expect((await post(who, '/rest/v1/messages', message)).status).toBe(201)
  return { ...file, messageId }
}
const reads = async (who: Who, path: string) =>
  (await ask(who, `/storage/v1/object/attachments/${path}`)).text === 'bytes'

test('numbers that nobody can draw are refused', async () => {
  for (const facts of [
    ...[{ duration: 'NaN' }, { duration: 'Infinity' }, { width: 2147483647, height: 1 }],
    ...[{ waveform: [null, 1] }, { waveform: [[1], [3]] }, { waveform: [-5] }, { waveform: [101] }],
    { waveform: [] },
  ]) {
    const { status, text } = await announce('member', 'general', facts)
    expect([status, JSON.parse(text).code], JSON.stringify(facts)).toEqual([400, '23514'])
  }
  const fine = { duration: 1.5, waveform: [0, 100], width: 1920, height: 1080 }
  expect((await announce('member', 'general', fine)).status).toBe(201)
})

test('files go where their message is moved to, for reading and for signing', async () => {
  const file = await sendFile('member', 'general')
  const signed = await post('peer', `/storage/v1/object/sign/attachments/${file.path}`, { expiresIn: 600 })
  const address = `/storage/v1${JSON.parse(signed.text).signedURL}`
  expect((await ask('anonymous', address)).text).toBe('bytes')
  const to = world.channel.secret
  await http.admin.begin(async (sql) => {
    const [head] =
      await sql`update channel_heads set last_seq = last_seq + 1 where channel_id = ${to} returning last_seq`
    await sql`update messages set channel_id = ${to}, seq = ${head?.last_seq} where id = ${file.messageId}`
  })
  const place = `${to}/${file.id}`
  for (const [who, may] of [
    ['member', true],
    ['guest', true],
    ['peer', false],
    ['owner', false],
  ] as const) {
    expect([await reads(who, file.path), await reads(who, place)], who).toEqual([false, may])
    const row = await ask(who, `/rest/v1/attachments?id=eq.${file.id}&select=path`)
    expect(JSON.parse(row.text), who).toEqual(may ? [{ path: place }] : [])
  }
  expect((await ask('anonymous', address)).status).toBe(400)
})

test('a folder of pictures has an end, and room again after one is removed', async () => {
  const me = world.id.member
  const add = (name: string, who: Who = 'member') =>
    post(who, `/storage/v1/object/avatars/${world.id[who as 'member']}/${name}`, 'x', {
      'content-type': 'image/png',
    })
  for (let count = 0; count < 20; count += 1) expect((await add(`${count}/deep.png`)).status).toBe(200)
  const refused = await add('one-more.png')
  expect([refused.status, JSON.parse(refused.text).message]).toEqual([
    400,
    expect.stringContaining('Remove some'),
  ])
  expect((await add('mine.png', 'peer')).status).toBe(200)
  const removed = await ask('member', `/storage/v1/object/avatars/${me}/0/deep.png`, { method: 'DELETE' })
  expect(removed.status).toBe(200)
  expect((await add('one-more.png')).status).toBe(200)
})

describe('somebody who is not in the channel', () => {
  test('gets no byte, name or sign of a file, in any spelling', async () => {
    const { path, id } = await sendFile('member', 'secret')
    const place = { bucketId: 'attachments', sourceKey: path, destinationBucket: 'avatars' }
    const stolen = { ...place, destinationKey: `${world.id.peer}/stolen.png` }
    const answers = await Promise.all([
      ...[
        `object/attachments/${path}`,
        `object/authenticated/attachments/${path}`,
        `object/public/attachments/${path}`,
        `object/info/attachments/${path}`,
        `render/image/authenticated/attachments/${path}?width=5`,
        `object/avatars/%2e%2e/attachments/${path}`,
        `object/public/avatars/..%2fattachments%2f${path.replace('/', '%2f')}`,
        `object/public/avatars/%252e%252e%252fattachments%252f${path.replace('/', '%252f')}`,
        `object/attachments/${path.toUpperCase()}`,
        `object/public/avatars//../attachments/${path}`,
      ].map((each) => ask('peer', `/storage/v1/${each}`)),
      post('peer', '/storage/v1/object/copy', stolen),
      post('peer', '/storage/v1/object/move', stolen),
      post('peer', `/storage/v1/object/sign/attachments/${path}`, { expiresIn: 60 }),
      post('peer', `/storage/v1/object/attachments/${path}`, 'evil', { 'x-upsert': 'true' }),
    ])
    for (const { status, text } of answers) {
      expect(status, text).toBeGreaterThanOrEqual(400)
      expect(text).not.toContain('bytes')
    }
    const lists = await Promise.all([
      post('peer', '/storage/v1/object/list/attachments', { prefix: world.channel.secret }),
      post('peer', '/storage/v1/object/list-v2/attachments', { prefix: '', with_delimiter: false }),
      post('peer', '/storage/v1/object/list/attachments', { prefix: '', search: id }),
      ask('peer', `/rest/v1/attachments?id=eq.${id}`),
    ])
    for (const { text } of lists) expect(text).not.toContain(id)
    const entitled = await post('member', '/storage/v1/object/list/attachments', {
      prefix: world.channel.secret,
    })
    expect(entitled.text).toContain(id)
    expect(await reads('member', path)).toBe(true)
  })

  test('sends it nowhere as their own, and neither does its sender twice', async () => {
    const { id } = await sendFile('member', 'secret')
    for (const [who, place, attachments] of [
      ['peer', 'general', [id]],
      ['peer', 'general', [{ id, name: 'a.txt' }]],
      ['member', 'general', [id]],
      ['member', 'secret', [id]],
    ] as const) {
      const message = { id: newId(), channel_id: world.channel[place], body: 'Mine', attachments }
      expect((await post(who, '/rest/v1/messages', message)).text).toContain('attachment_not_found')
    }
  })
})
