import { Readable } from 'node:stream'
import * as tus from 'tus-js-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bytesOf, startWorld, type World } from './storage-client'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world?.stop())

const PART = 6 * 1024 * 1024
const bytes = Buffer.alloc(PART * 2 + 1000, 'resumable ')

type Options = Partial<tus.UploadOptions>

/** An upload of `bytes` as Supabase's documentation shows it; resolves with its address. */
function upload(
  name: string,
  headers: Record<string, string>,
  options: Options = {},
  path = 'upload/resumable',
) {
  return new Promise<string>((resolve, reject) => {
    const sending = new tus.Upload(bytes, {
      endpoint: `${world.server.url}/storage/v1/${path}`,
      // A part that was on its way when its connection broke can still arrive: then the client asks again.
      retryDelays: [0, 100, 200, 400],
      onShouldRetry: (error) =>
        error.originalResponse?.getStatus() === 409 && options.uploadUrl !== undefined,
      headers,
      chunkSize: PART,
      metadata: { bucketName: 'files', objectName: name, contentType: 'text/plain', cacheControl: '60' },
      onError: reject,
      onSuccess: () => resolve(sending.url ?? ''),
      ...options,
    })
    sending.start()
  })
}

/** Begins an upload and stops after its first part. */
function half(name: string, headers: Record<string, string>) {
  return new Promise<string>((resolve, reject) => {
    const sending = new tus.Upload(bytes, {
      endpoint: `${world.server.url}/storage/v1/upload/resumable`,
      retryDelays: null,
      headers,
      chunkSize: PART,
      metadata: { bucketName: 'files', objectName: name },
      onError: reject,
      onChunkComplete: () => void sending.abort().then(() => resolve(sending.url ?? '')),
    })
    sending.start()
  })
}

const ask = (url: string, method: string, headers: Record<string, string>, body?: Buffer) =>
  fetch(url, {
    method,
    headers: { 'tus-resumable': '1.0.0', ...headers },
    ...(body ? { body: new Uint8Array(body) } : {}),
  })

describe('resumable uploads', () => {
  test('in parts of 6 MB make a file, which is there once all of them are', async () => {
    const name = `${world.people.ada.id}/parts.txt`
    await upload(name, world.as('ada'))
    const { data } = await world.ada.from('files').download(name)
    expect((await bytesOf(data)).equals(bytes)).toBe(true)
    expect((await world.ada.from('files').info(name)).data).toMatchObject({
      ...{ size: bytes.length, contentType: 'text/plain', cacheControl: 'max-age=60' },
    })
  })

  test('go on where they stopped, also when the connection broke inside a part', async () => {
    const name = `${world.people.ada.id}/broken.txt`
    const url = await half(name, world.as('ada'))
    expect((await world.ada.from('files').download(name)).error).toMatchObject({ statusCode: '404' })
    const breaking = new AbortController()
    const some = new Readable({ read() {} })
    some.push(bytes.subarray(PART, PART + 70_000))
    const offset = async () => Number((await ask(url, 'HEAD', world.as('ada'))).headers.get('upload-offset'))
    const broken = fetch(url, {
      method: 'PATCH',
      headers: {
        ...{ ...world.as('ada'), 'tus-resumable': '1.0.0', 'upload-offset': String(PART) },
        'content-type': 'application/offset+octet-stream',
      },
      body: Readable.toWeb(some) as never,
      duplex: 'half',
      signal: breaking.signal,
    } as RequestInit).catch((error: Error) => error.name)
    await expect.poll(() => some.readableLength).toBe(0)
    breaking.abort()
    expect(await broken).toBe('AbortError')
    expect(await offset()).toBeGreaterThanOrEqual(PART)
    await upload(name, world.as('ada'), { uploadUrl: url })
    const { data } = await world.ada.from('files').download(name)
    expect((await bytesOf(data)).equals(bytes)).toBe(true)
    // Whoever did not hear that it was done, is told so again.
    expect(await offset()).toBe(bytes.length)
  })

  test('that nobody finishes are a hundred of one person at most', async () => {
    const person = await world.somebody()
    const begin = (who: Record<string, string>, id: string) => {
      const metadata = { bucketName: 'files', objectName: `${id}/endless.bin` }
      const pairs = Object.entries(metadata).map(([key, value]) => `${key} ${btoa(value)}`)
      return ask(`${world.server.url}/storage/v1/upload/resumable`, 'POST', {
        ...who,
        ...{ 'upload-length': '1000', 'upload-metadata': pairs.join(',') },
      })
    }
    const answers: Response[] = []
    for (let count = 0; count < 10; count += 1) {
      // Many at one moment find no more room than one after the other.
      answers.push(...(await Promise.all(Array.from({ length: 11 }, () => begin(person.headers, person.id)))))
    }
    const begun = answers.filter(({ status }) => status === 201)
    const refused = answers.filter(({ status }) => status !== 201)
    expect([begun.length, refused.length]).toEqual([100, 10])
    expect(refused.map(({ status }) => status)).toEqual(Array(10).fill(429))
    expect(await refused[0]?.text()).toContain('Finish or cancel some')
    expect((await begin(world.as('grace'), world.people.grace.id)).status).toBe(201)

    const url = begun[0]?.headers.get('location') ?? ''
    expect((await ask(url, 'DELETE', person.headers)).status).toBe(204)
    expect((await begin(person.headers, person.id)).status).toBe(201)
    expect((await begin(person.headers, person.id)).status).toBe(429)
  })

  test('belong to who began them', async () => {
    const name = `${world.people.ada.id}/mine.txt`
    const url = await half(name, world.as('ada'))
    for (const method of ['HEAD', 'DELETE'])
      expect((await ask(url, method, world.as('grace'))).status).toBe(404)
    const part = { 'upload-offset': String(PART), 'content-type': 'application/offset+octet-stream' }
    expect((await ask(url, 'PATCH', { ...world.as('grace'), ...part }, Buffer.from('x'))).status).toBe(404)
    expect((await ask(url, 'HEAD', {})).status).toBe(400)
    expect((await ask(url, 'HEAD', world.as('ada'))).status).toBe(200)
    expect((await ask(url, 'DELETE', world.as('ada'))).status).toBe(204)
    expect((await ask(url, 'HEAD', world.as('ada'))).status).toBe(404)
  })

  test('ask the policies at the beginning and for every part', async () => {
    const { admin } = world.server.database
    const foreign = upload(`${world.people.ada.id}/x.txt`, world.as('grace'))
    await expect(foreign).rejects.toThrow(/403.*row-level security/s)
    await admin`insert into public.team_members values ('resumers', ${world.people.grace.id})`
    const url = await half('resumers/a.txt', world.as('grace'))
    await admin`delete from public.team_members where team = 'resumers'`
    await expect(upload('resumers/a.txt', world.as('grace'), { uploadUrl: url })).rejects.toThrow(/403/)
    expect((await world.admin.from('files').list('resumers')).data).toEqual([])
  })

  test('keep to limits, names and what is there already', async () => {
    const folder = world.people.ada.id
    const into = (bucketName: string, objectName: string, contentType = 'text/plain') =>
      upload('', world.as('ada'), { metadata: { bucketName, objectName, contentType } })
    await expect(into('small', `${folder}/big.txt`)).rejects.toThrow(/413/)
    await expect(into('avatars', `${folder}/x.txt`)).rejects.toThrow(/413|415/)
    await expect(into('none', `${folder}/x.txt`)).rejects.toThrow(/404/)
    await expect(into('files', `${folder}/../x.txt`)).rejects.toThrow(/400.*Invalid key/s)
    await into('files', `${folder}/once.txt`)
    await expect(into('files', `${folder}/once.txt`)).rejects.toThrow(/409/)
    await upload(`${folder}/once.txt`, { ...world.as('ada'), 'x-upsert': 'true' })
  })

  test('by a signed address need no token of a person', async () => {
    const name = `${world.people.ada.id}/signed.txt`
    const { data } = await world.ada.from('files').createSignedUploadUrl(name)
    const headers = { 'x-signature': data?.token ?? '' }
    await expect(
      upload(`${world.people.ada.id}/other.txt`, headers, {}, 'upload/resumable/sign'),
    ).rejects.toThrow(/400/)
    const url = await upload(name, headers, {}, 'upload/resumable/sign')
    expect(url).toContain('/upload/resumable/sign/')
    expect((await world.ada.from('files').info(name)).data?.size).toBe(bytes.length)
  })

  test('may begin with their first bytes, and be empty', async () => {
    const metadata = (name: string) => ({
      'upload-metadata': `bucketName ${btoa('files')},objectName ${btoa(`${world.people.ada.id}/${name}`)}`,
    })
    const endpoint = `${world.server.url}/storage/v1/upload/resumable`
    const begun = await ask(
      endpoint,
      'POST',
      {
        ...{ ...world.as('ada'), ...metadata('at-once.txt'), 'upload-length': '5' },
        'content-type': 'application/offset+octet-stream',
      },
      Buffer.from('hello'),
    )
    expect([begun.status, begun.headers.get('upload-offset')]).toEqual([201, '5'])
    const { data } = await world.ada.from('files').download(`${world.people.ada.id}/at-once.txt`)
    expect(await data?.text()).toBe('hello')
    const empty = await ask(endpoint, 'POST', {
      ...world.as('ada'),
      ...metadata('empty.txt'),
      'upload-length': '0',
    })
    expect(empty.status).toBe(201)
    expect((await world.ada.from('files').info(`${world.people.ada.id}/empty.txt`)).data?.size).toBe(0)
  })
})
