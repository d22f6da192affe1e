import { randomUUID } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text as readText } from 'node:stream/consumers'
import { createClient } from '@supabase/supabase-js'
import { decodeJwt, SignJWT } from 'jose'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import WebSocket from 'ws'
import { serviceList } from '../service-list'
import { startWorld, type World } from './storage-client'

// Each test names the line of the threat model that it stands for, and shows beside the refusal that the same thing
// works for whom it is meant.

let world: World
beforeAll(async () => {
  world = await startWorld({ services: serviceList })
})
afterAll(() => world?.stop())

const text = (body: string) => new Blob([body], { type: 'text/plain' })
const mine = (name: string) => `${world.people.ada.id}/${name}`

/** A request whose path is sent letter for letter: fetch would tidy it up. */
async function raw(method: string, path: string, body = ''): Promise<string> {
  const { hostname, port, host } = new URL(world.server.url)
  const headers = Object.entries({
    ...world.as('ada'),
    'content-length': body.length,
    'content-type': 'text/plain',
  })
  const socket = connect(Number(port), hostname)
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  socket.write(
    `${method} /storage/v1/${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${lines}\r\n${body}`,
  )
  return readText(socket)
}

async function keep(
  name: string,
  body = 'secret',
  bucket = 'files',
  contentType = 'text/plain',
): Promise<string> {
  const options = { contentType, upsert: true }
  expect((await world.ada.from(bucket).upload(mine(name), Buffer.from(body), options)).error).toBeNull()
  return mine(name)
}

describe('D01 names', () => {
  test('stay in their folder and never become paths', async () => {
    const folder = world.people.ada.id
    const bad = [
      ...[`files/${folder}/..%2f..%2fx`, `files/${folder}/%2e%2e%2f%2e%2e%2fx`, `files/${folder}/a%2f..%2fb`],
      ...[
        `files/${folder}/%252e%252e%252fx`,
        `files/${folder}/a%5cb`,
        `files/${folder}/a%00b`,
        `files/${folder}//a`,
      ],
      ...[`files/${folder}/e%CC%81`, `files/${folder}/%ff`, `files/%2fetc%2fpasswd`],
      ...[`files/${folder}/${'x'.repeat(1100)}`, `files/${folder}/a/%2e`, `..%2ffiles/${folder}/x`],
    ]
    for (const path of bad) {
      const answer = await raw('POST', `object/${path}`, 'x')
      expect([path, answer.slice(9, 12)]).toEqual([path, '400'])
      expect(answer).toMatch(/Invalid key|Bucket name invalid/)
    }
    expect(await raw('POST', `object/files/${folder}/%0d%0aX-Evil:1`, 'x')).toMatch(/^HTTP\/1.1 404 /)
    // Dots in a path are resolved before anything is decided: it is another path, with its own policies.
    expect(await raw('POST', `object/files/${folder}/../${world.people.grace.id}/x`, 'x')).toContain('"403"')
    for (const name of ['CON', 'ends.', 'a'.repeat(200), '-rf *', "it's (1) & more.txt"]) {
      expect((await world.ada.from('files').upload(`${folder}/${name}`, text(name))).error).toBeNull()
      expect(await (await world.ada.from('files').download(`${folder}/${name}`)).data?.text()).toBe(name)
    }
    const kept = await readdir(join(world.server.database.dataFolder, 'storage', 'objects'), {
      recursive: true,
    })
    const files = kept.filter((name) => name.includes('/'))
    expect(files.length).toBeGreaterThan(0)
    for (const file of files) expect(file).toMatch(/^[0-9a-f]{2}\/[0-9a-f-]{36}$/)
  })

  test('that SQL writes as versions open no other file', async () => {
    const name = await keep('version.txt')
    const { admin } = world.server.database
    for (const version of [
      '../../secrets.json',
      '/etc/passwd',
      `${randomUUID()}/../../../secrets.json`,
      '',
    ]) {
      await admin`update storage.objects set version = ${version} where name = ${name}`
      expect((await world.ada.from('files').download(name)).error).toMatchObject({ statusCode: '404' })
    }
  })
})

describe('D02 other people’s folders', () => {
  test('take nothing, give nothing and lose nothing', async () => {
    const name = await keep('d02.txt')
    const files = world.grace.from('files')
    const refused = [
      files.upload(mine('new.txt'), text('x')),
      files.upload(name, text('x'), { upsert: true }),
      files.update(name, text('x')),
      files.move(name, `${world.people.grace.id}/taken.txt`),
      files.copy(name, `${world.people.grace.id}/taken.txt`),
      files.copy(name, `${world.people.grace.id}/taken.png`, { destinationBucket: 'avatars' }),
      files.createSignedUrl(name, 60),
      files.createSignedUploadUrl(name, { upsert: true }),
      files.download(name),
      files.info(name),
      world.grace.emptyBucket('files'),
      world.grace.deleteBucket('files'),
    ]
    for (const { error } of await Promise.all(refused)) expect(error).not.toBeNull()
    expect((await files.remove([name])).data).toEqual([])
    expect((await files.list(world.people.ada.id)).data).toEqual([])
    expect((await files.listV2({ prefix: '' })).data?.objects.filter(({ name: of }) => of === name)).toEqual(
      [],
    )
    expect(await (await world.ada.from('files').download(name)).data?.text()).toBe('secret')
    await world.server.database
      .admin`insert into public.team_members values (${world.people.ada.id}, ${world.people.grace.id})`
    expect(await (await files.download(name)).data?.text()).toBe('secret')
    await world.server.database
      .admin`delete from public.team_members where user_id = ${world.people.grace.id}`
    expect((await files.download(name)).error).not.toBeNull()
  })
})

describe('D03 signed addresses', () => {
  test('end with the file, with their time and outside of what they name', async () => {
    const name = await keep('d03.txt')
    const other = await keep('d03-other.txt')
    const { data } = await world.ada.from('files').createSignedUrl(name, 60)
    const url = data?.signedUrl ?? ''
    const token = new URL(url).searchParams.get('token') ?? ''
    expect(await (await fetch(url)).text()).toBe('secret')
    const paths = [
      ...[`object/sign/files/${other}`, `render/image/sign/files/${name}`, `object/sign/avatars/${name}`],
      ...[`object/sign/files/${name}/x`, `object/authenticated/files/${name}`],
    ]
    for (const path of paths) expect((await world.http(`${path}?token=${token}`)).status).toBe(400)
    const put = { method: 'PUT', body: 'x' }
    expect((await world.http(`object/upload/sign/files/${name}?token=${token}`, put)).status).toBe(400)
    const brief = await world.ada.from('files').createSignedUrl(name, 1)
    await expect.poll(async () => (await fetch(brief.data?.signedUrl ?? '')).status).toBe(400)
    expect((await fetch(url)).status).toBe(200)
    await world.ada.from('files').remove([name])
    expect((await fetch(url)).status).toBe(400)
  })

  test('are signed with a key of their own, and by nobody else', async () => {
    const name = await keep('d03-key.txt')
    const claims = { purpose: 'download', url: `files/${name}` }
    const { jwtSecret, storageKey, secretKey, serviceRoleKey } = world.server.secrets
    const get = async (key: string, alg = 'HS256', more = {}) => {
      const token = await new SignJWT({ ...claims, ...more })
        .setProtectedHeader({ alg })
        .setExpirationTime('1h')
        .sign(new TextEncoder().encode(key))
      return (await world.http(`object/sign/files/${name}?token=${token}`)).status
    }
    expect(await get(storageKey)).toBe(200)
    for (const key of [jwtSecret, secretKey, serviceRoleKey]) expect(await get(key)).toBe(400)
    expect(await get(storageKey, 'HS512')).toBe(400)
    expect(await get(storageKey, 'HS256', { purpose: 'upload' })).toBe(400)
    const none = `${btoa('{"alg":"none"}').replaceAll('=', '')}.${btoa(JSON.stringify({ ...claims, exp: 9e9 })).replaceAll('=', '')}.`
    const never = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new TextEncoder().encode(storageKey))
    for (const token of [none, never, '', 'x', serviceRoleKey]) {
      expect((await world.http(`object/sign/files/${name}?token=${token}`)).status).toBe(400)
    }
  })

  test('are no session, anywhere', async () => {
    const name = await keep('d03-session.txt')
    const { data: down } = await world.ada.from('files').createSignedUrl(name, 60)
    const { data: up } = await world.ada.from('files').createSignedUploadUrl(mine('d03-up.txt'))
    const tokens = [new URL(down?.signedUrl ?? '').searchParams.get('token') ?? '', up?.token ?? '']
    for (const token of tokens) {
      expect(Object.keys(decodeJwt(token))).not.toContain('sub')
      expect(Object.keys(decodeJwt(token))).not.toContain('role')
      const headers = { apikey: world.server.publishableKey, authorization: `Bearer ${token}` }
      for (const path of [
        'auth/v1/user',
        'rest/v1/team_members',
        `storage/v1/object/authenticated/files/${name}`,
      ]) {
        const asKey = await fetch(`${world.server.url}/${path}`, { headers: { apikey: token } })
        const asBearer = await fetch(`${world.server.url}/${path}`, { headers })
        expect([path, asKey.ok, asBearer.ok]).toEqual([path, false, false])
      }
      const client = createClient(world.server.url, world.server.publishableKey, {
        accessToken: async () => token,
        realtime: { transport: WebSocket as never },
      })
      const channel = client.channel('any', { config: { private: true } })
      const state = await new Promise((resolve) => channel.subscribe((status) => resolve(status)))
      expect(state).not.toBe('SUBSCRIBED')
      await client.removeAllChannels()
    }
    const own = await world.http(`object/authenticated/files/${name}`, { headers: world.as('ada') })
    expect(own.status).toBe(200)
  })

  test('to upload put one file in one place, once', async () => {
    const name = mine('d03-once.txt')
    const { data } = await world.ada.from('files').createSignedUploadUrl(name)
    const token = data?.token ?? ''
    const anon = world.anon.from('files')
    expect((await anon.uploadToSignedUrl(mine('d03-else.txt'), token, text('x'))).error).not.toBeNull()
    expect((await anon.uploadToSignedUrl(name, token, text('x'))).error).toBeNull()
    expect((await anon.uploadToSignedUrl(name, token, text('y'), { upsert: true })).error).toMatchObject({
      statusCode: '409',
    })
    expect(await (await world.ada.from('files').download(name)).data?.text()).toBe('x')
  })
})

test('D04 what lies in a private bucket has no public address, nor a list', async () => {
  const name = await keep('d04.txt')
  const png = await keep('d04.png', 'png', 'avatars', 'image/png')
  for (const path of ['object/public', 'object/info/public', 'render/image/public', 'object']) {
    expect((await world.http(`${path}/files/${name}`)).status).toBe(400)
  }
  expect((await world.http(`object/public/avatars/${png}`)).status).toBe(200)
  expect((await world.anon.from('avatars').list(world.people.ada.id)).data).toEqual([])
  expect((await world.ada.from('avatars').list(world.people.ada.id)).data?.length).toBeGreaterThan(0)
})

describe('D05 what a browser would run', () => {
  const types = [
    'text/html',
    'image/svg+xml',
    'application/xhtml+xml',
    'text/xml',
    'application/pdf',
    'text/javascript',
  ]
  for (const type of [
    ...types,
    'application/x-shockwave-flash',
    'TEXT/HTML; charset=utf-8',
    'multipart/x-mixed-replace',
  ]) {
    test(`${type} is saved and not shown`, async () => {
      const name = await keep('d05', '<script>alert(1)</script>', 'files', type)
      const { data } = await world.ada.from('files').createSignedUrl(name, 60)
      const { headers } = await fetch(data?.signedUrl ?? '')
      expect(headers.get('content-disposition')).toMatch(/^attachment/)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*; sandbox$/)
      expect(headers.get('content-type')).not.toMatch(/^text\/html/i)
    })
  }

  test('a picture that is a page as well stays a picture', async () => {
    const name = await keep('polyglot.gif', 'GIF89a/*<html><script>alert(1)</script>*/', 'files', 'image/gif')
    const response = await world.http(`object/files/${name}`, { headers: world.as('ada') })
    expect(response.headers.get('content-type')).toBe('image/gif')
    expect(response.headers.get('content-disposition')).toBe('inline; filename="polyglot.gif"')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.get('content-security-policy')).toContain('sandbox')
  })

  test('a type that is none is refused', async () => {
    for (const contentType of ['html', 'text/html\u00e4', 'a/b/c', `text/${'x'.repeat(300)}`]) {
      const headers = { ...world.as('ada'), 'content-type': contentType }
      const sent = await world.http(`object/files/${mine('d05-odd')}`, { method: 'POST', headers, body: 'x' })
      expect(await sent.json()).toMatchObject({ statusCode: '415' })
    }
  })
})

test('D09 a file of a private bucket is for no shared cache, whatever its uploader says', async () => {
  const path = `object/authenticated/files/${world.people.ada.id}/cached.txt`
  const headers = { ...world.as('ada'), 'content-type': 'text/plain', 'x-upsert': 'true' }
  for (const [said, sent] of [
    ['public, max-age=60', 'private, max-age=60'],
    ['S-MaxAge=99, PUBLIC', 'private'],
    ['max-age=60, immutable', 'private, max-age=60, immutable'],
  ] as const) {
    const put = { method: 'POST', body: 'x', headers: { ...headers, 'cache-control': said } }
    expect((await world.http(path.replace('authenticated/', ''), put)).status).toBe(200)
    const answer = await world.http(path, { headers: world.as('ada') })
    expect(answer.headers.get('cache-control')).toBe(sent)
  }
})

test('D09 names in headers cannot end them, nor turn their letters around', async () => {
  const name = await keep('d09.txt')
  const get = (download: string) =>
    world.http(`object/files/${name}?download=${encodeURIComponent(download)}`, { headers: world.as('ada') })
  const split = await get('a\r\nSet-Cookie: evil=1\r\n\r\n<html>')
  expect([split.status, split.headers.get('set-cookie')]).toEqual([200, null])
  expect(split.headers.get('content-disposition')).toBe('attachment; filename="aSet-Cookie: evil=1<html>"')
  expect((await get('photo\u202Egpj.exe')).headers.get('content-disposition')).toBe(
    'attachment; filename="photogpj.exe"',
  )
  expect((await get('a"b\\c')).headers.get('content-disposition')).toBe('attachment; filename="a\\"b\\\\c"')
  expect((await get('žluť.txt')).headers.get('content-disposition')).toBe(
    `attachment; filename="?lu?.txt"; filename*=UTF-8''%C5%BElu%C5%A5.txt`,
  )
  expect((await get('')).headers.get('content-disposition')).toBe('attachment; filename="d09.txt"')
})

test('D10 a file that may not be seen answers like one that is not there', async () => {
  const name = await keep('d10.txt')
  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await world.http(path, { ...init, headers: { ...world.as('grace'), ...init.headers } })
    return [response.status, await response.text()]
  }
  const sign = { method: 'POST', body: '{"expiresIn":60}' }
  const upsert = { method: 'POST', body: 'x', headers: { 'x-upsert': 'true' } }
  for (const [path, init] of [
    ['object/files', {}],
    ['object/authenticated/files', {}],
    ['object/info/files', {}],
    ['render/image/authenticated/files', {}],
    ['object/files', { method: 'HEAD' }],
    ['object/files', { method: 'DELETE' }],
    ['object/files', { method: 'PUT', body: 'x' }],
    ['object/files', { method: 'POST', body: 'x' }],
    ['object/files', upsert],
    ['object/sign/files', sign],
    ['object/upload/sign/files', { method: 'POST' }],
  ] as [string, RequestInit][]) {
    const there = await ask(`${path}/${name}`, init)
    expect([path, there]).toEqual([path, await ask(`${path}/${mine('never-was.txt')}`, init)])
    expect(there[0]).toBe(400)
  }
  const own = await world.http(`object/files/${name}`, { headers: world.as('ada') })
  expect(own.status).toBe(200)
})

test('D11 what was made of a deleted file is gone with it, bytes and pictures', async () => {
  const { dataFolder, admin } = world.server.database
  const disk = async () => {
    const parts = ['objects', 'renders', 'drafts'].map(async (part) => {
      const names = await readdir(join(dataFolder, 'storage', part), { recursive: true })
      return names.filter((name) => name.length > 2).map((name) => `${part}/${name}`)
    })
    return (await Promise.all(parts)).flat().sort()
  }
  const before = await disk()
  const bytes = await sharp({ create: { width: 50, height: 50, channels: 3, background: 'red' } })
    .png()
    .toBuffer()
  const ways = [
    async (name: string) => void (await world.ada.from('files').remove([name])),
    async (name: string) => void (await admin`delete from storage.objects where name = ${name}`),
    async (name: string) =>
      void (await world.ada.from('files').update(name, Buffer.from('other'), { contentType: 'text/plain' })),
  ]
  for (const remove of ways) {
    const name = mine(`d11-${ways.indexOf(remove)}.png`)
    await world.ada.from('files').upload(name, bytes, { contentType: 'image/png' })
    const { data } = await world.ada.from('files').createSignedUrl(name, 60, { transform: { width: 5 } })
    expect((await fetch(data?.signedUrl ?? '')).status).toBe(200)
    expect((await fetch(data?.signedUrl ?? '')).status).toBe(200)
    expect((await disk()).length).toBe(before.length + 2)
    await remove(name)
    expect((await fetch(data?.signedUrl ?? '')).status).toBe(400)
    if (remove === ways[2]) await world.ada.from('files').remove([name])
    await expect.poll(disk).toEqual(before)
  }
})

test('B16 a body in JSON that is too long, too deep or none is refused', async () => {
  const post = (body: string) =>
    world.http('object/list/files', {
      method: 'POST',
      headers: { ...world.as('ada'), 'content-type': 'application/json' },
      body,
    })
  expect((await post(JSON.stringify({ prefix: 'x'.repeat(2_000_000) }))).status).toBe(413)
  expect((await post('['.repeat(100_000))).status).toBe(400)
  expect((await post('{')).status).toBe(400)
  expect((await post('{"prefix":""}')).status).toBe(200)
})
