import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorld, type World } from './storage-client'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world?.stop())

const text = (body: string) => new Blob([body], { type: 'text/plain' })

describe('buckets', () => {
  test('are made, listed, changed, emptied and deleted with the secret key', async () => {
    const { admin } = world
    const limits = { public: true, fileSizeLimit: '2MB', allowedMimeTypes: ['image/png', 'text/*'] }
    expect(await admin.createBucket('reports', limits)).toEqual({ data: { name: 'reports' }, error: null })
    const { data: bucket } = await admin.getBucket('reports')
    expect(bucket).toMatchObject({
      ...{ id: 'reports', name: 'reports', public: true, type: 'STANDARD' },
      ...{ file_size_limit: 2_000_000, allowed_mime_types: ['image/png', 'text/*'] },
    })
    const { data: listed } = await admin.listBuckets({ search: 'REPO', sortColumn: 'created_at', limit: 5 })
    expect(listed?.map(({ id }) => id)).toEqual(['reports'])
    expect(await admin.updateBucket('reports', { public: false, fileSizeLimit: null })).toEqual({
      data: { message: 'Successfully updated' },
      error: null,
    })
    expect((await admin.getBucket('reports')).data).toMatchObject({
      ...{ public: false, file_size_limit: null, allowed_mime_types: ['image/png', 'text/*'] },
    })
    await admin.from('reports').upload('a/b.txt', text('b'))
    expect((await admin.deleteBucket('reports')).error).toMatchObject({
      statusCode: '409',
      message: 'The bucket you tried to delete is not empty',
    })
    expect((await admin.emptyBucket('reports')).error).toBeNull()
    expect(await admin.deleteBucket('reports')).toEqual({
      data: { message: 'Successfully deleted' },
      error: null,
    })
    expect((await admin.getBucket('reports')).error).toMatchObject({
      ...{ status: 400, statusCode: '404', message: 'Bucket not found' },
    })
  })

  test('are guarded by the policies on them', async () => {
    const { ada, anon } = world
    expect((await ada.listBuckets()).data?.map(({ id }) => id)).toEqual(['avatars', 'files', 'small'])
    expect((await anon.listBuckets()).data).toEqual([])
    expect((await ada.getBucket('drop')).error).toMatchObject({ statusCode: '404' })
    expect((await ada.createBucket('mine')).error).toMatchObject({
      ...{ status: 400, statusCode: '403' },
      message: 'new row violates row-level security policy for table "buckets"',
    })
    expect((await ada.updateBucket('files', { public: true })).error).toMatchObject({ statusCode: '404' })
    expect((await ada.deleteBucket('small')).error).toMatchObject({ statusCode: '403' })
  })

  test('that cannot be are refused with a reason', async () => {
    const { admin } = world
    expect((await admin.createBucket('files')).error).toMatchObject({
      statusCode: '409',
      message: 'The resource already exists',
    })
    for (const name of ['', 'a/b', '..', ' a', 'x'.repeat(101), 'ä', 'a\u0000b', 'a\\b']) {
      expect((await admin.createBucket(name)).error, name).toMatchObject({
        statusCode: '400',
        message: 'Bucket name invalid',
      })
    }
    const odd = { public: false, fileSizeLimit: 'huge' }
    expect((await admin.createBucket('odd', odd)).error?.message).toMatch(/Invalid file size format/)
    const types = { public: false, allowedMimeTypes: ['image'] }
    expect((await admin.createBucket('odd', types)).error).toMatchObject({ statusCode: '415' })
    const vast = { public: false, fileSizeLimit: '500GB' }
    expect((await admin.createBucket('odd', vast)).error).toMatchObject({ statusCode: '413' })
  })
})

describe('uploads', () => {
  test('come back as they were sent, raw or as a form', async () => {
    const files = world.ada.from('files')
    const folder = world.people.ada.id
    const bodies = [Buffer.from('raw bytes'), text('a form'), new ReadableStream({ start: fill })] as const
    for (const [index, body] of bodies.entries()) {
      const path = `${folder}/way-${index}.txt`
      const sent = await files.upload(path, body, {
        ...{ contentType: 'text/plain', cacheControl: '60', metadata: { index } },
      })
      expect(sent).toEqual({
        data: { path, id: expect.any(String), fullPath: `files/${path}` },
        error: null,
      })
      const { data } = await files.download(path)
      expect(await data?.text()).toBe(['raw bytes', 'a form', 'a stream'][index])
      expect((await files.info(path)).data).toMatchObject({
        ...{ name: path, bucketId: 'files', contentType: 'text/plain', cacheControl: 'max-age=60' },
        ...{ size: [9, 6, 8][index], metadata: { index }, id: sent.data?.id },
      })
    }
    const { data: stream } = await files.download(`${folder}/way-0.txt`).asStream()
    expect(await new Response(stream).text()).toBe('raw bytes')
  })

  test('do not replace a file unless they say so', async () => {
    const files = world.ada.from('files')
    const path = `${world.people.ada.id}/twice.txt`
    const first = await files.upload(path, text('first'))
    expect((await files.upload(path, text('second'))).error).toMatchObject({
      ...{ status: 400, statusCode: '409', message: 'The resource already exists' },
    })
    expect(await (await files.download(path)).data?.text()).toBe('first')
    const third = await files.upload(path, text('third'), { upsert: true })
    expect([third.error, third.data?.id]).toEqual([null, first.data?.id])
    expect(await (await files.download(path)).data?.text()).toBe('third')
    expect((await files.update(path, text('fourth'))).data?.id).toBe(first.data?.id)
    expect(await (await files.download(path)).data?.text()).toBe('fourth')
    expect((await files.update(`${world.people.ada.id}/none.txt`, text('x'))).error).toMatchObject({
      statusCode: '404',
    })
  })

  test('need the right to, before their bytes are taken', async () => {
    const path = `${world.people.ada.id}/foreign.txt`
    for (const storage of [world.grace, world.anon]) {
      expect((await storage.from('files').upload(path, text('x'))).error).toMatchObject({
        ...{ status: 400, statusCode: '403' },
        message: 'new row violates row-level security policy for table "objects"',
      })
    }
    expect((await world.ada.from('none').upload(path, text('x'))).error).toMatchObject({
      message: 'Bucket not found',
    })
    expect((await world.ada.from('files').upload(path, text('x'))).error).toBeNull()
  })

  test('need no right to read', async () => {
    const { error } = await world.ada.from('drop').upload('letter.txt', text('dear'))
    expect(error).toBeNull()
    expect((await world.ada.from('drop').download('letter.txt')).error).toMatchObject({ statusCode: '404' })
    expect(await (await world.admin.from('drop').download('letter.txt')).data?.text()).toBe('dear')
  })

  test('keep to the size and the types of their bucket', async () => {
    const small = world.ada.from('small')
    const path = (name: string) => `${world.people.ada.id}/${name}`
    expect((await small.upload(path('fits.txt'), text('x'.repeat(100)))).error).toBeNull()
    const tooLarge = {
      status: 400,
      statusCode: '413',
      message: 'The object exceeded the maximum allowed size',
    }
    expect((await small.upload(path('form.txt'), text('x'.repeat(101)))).error).toMatchObject(tooLarge)
    const raw = Buffer.alloc(101)
    const plain = { contentType: 'text/plain' }
    expect((await small.upload(path('raw.txt'), raw, plain)).error).toMatchObject(tooLarge)
    const chunked = new Blob([raw]).stream()
    expect((await small.upload(path('chunked.txt'), chunked, plain)).error).toMatchObject(tooLarge)
    expect(
      (await small.upload(path('x.png'), Buffer.alloc(1), { contentType: 'image/png' })).error,
    ).toMatchObject({
      ...{ statusCode: '415', message: 'mime type image/png is not supported' },
    })
    const avatars = world.ada.from('avatars')
    expect(
      (await avatars.upload(path('x.png'), Buffer.alloc(1), { contentType: 'image/png' })).error,
    ).toBeNull()
    expect((await avatars.upload(path('x.txt'), text('x'))).error).toMatchObject({ statusCode: '415' })
    const { data } = await small.list(world.people.ada.id)
    expect(data?.map(({ name }) => name)).toEqual(['fits.txt'])
  })
})

describe('downloads', () => {
  test('ask the policies; what may not be seen looks as if it were not there', async () => {
    const path = `${world.people.ada.id}/secret.txt`
    await world.ada.from('files').upload(path, text('secret'))
    const missing = (await world.grace.from('files').download(`${world.people.ada.id}/none.txt`)).error
    for (const storage of [world.grace, world.anon]) {
      expect((await storage.from('files').download(path)).error).toEqual(missing)
      expect((await storage.from('files').info(path)).error).toMatchObject({ message: 'Object not found' })
    }
    expect(missing).toMatchObject({ status: 400, statusCode: '404', message: 'Object not found' })
    expect(await world.grace.from('files').exists(path)).toMatchObject({ data: false })
    expect(await world.ada.from('files').exists(path)).toEqual({ data: true, error: null })
    expect((await world.http(`object/authenticated/files/${path}`)).status).toBe(400)
    const own = await world.http(`object/authenticated/files/${path}`, { headers: world.as('ada') })
    expect(await own.text()).toBe('secret')
  })

  test('of public buckets are for everybody', async () => {
    const path = `${world.people.ada.id}/face.png`
    await world.ada.from('avatars').upload(path, Buffer.from('png'), { contentType: 'image/png' })
    const { data } = world.anon.from('avatars').getPublicUrl(path, { download: 'me.png' })
    const response = await fetch(data.publicUrl)
    expect([response.status, await response.text()]).toEqual([200, 'png'])
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="me.png"')
    const info = await world.http(`object/info/public/avatars/${path}`)
    expect(await info.json()).toMatchObject({ size: 3, content_type: 'image/png' })
    expect((await world.http(`object/public/files/${path}`)).status).toBe(400)
  })

  test('send parts, and nothing that the client has already', async () => {
    const path = `${world.people.ada.id}/parts.txt`
    await world.ada.from('files').upload(path, text('0123456789'))
    const get = (headers: Record<string, string>, method = 'GET') =>
      world.http(`object/files/${path}`, { method, headers: { ...world.as('ada'), ...headers } })
    const whole = await get({})
    const etag = whole.headers.get('etag') ?? ''
    expect(whole.headers.get('accept-ranges')).toBe('bytes')
    for (const [range, body, sent] of [
      ['bytes=2-4', '234', 'bytes 2-4/10'],
      ['bytes=7-', '789', 'bytes 7-9/10'],
      ['bytes=-2', '89', 'bytes 8-9/10'],
      ['bytes=8-100', '89', 'bytes 8-9/10'],
    ] as const) {
      const part = await get({ range })
      expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([206, body, sent])
    }
    const beyond = await get({ range: 'bytes=10-' })
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */10'])
    for (const range of ['lines=1-2', 'bytes=0-1,4-5']) {
      expect([(await get({ range })).status, range]).toEqual([200, range])
    }
    expect((await get({ range: 'bytes=0-1', 'if-range': etag })).status).toBe(206)
    expect((await get({ range: 'bytes=0-1', 'if-range': '"other"' })).status).toBe(200)
    const since = whole.headers.get('last-modified') ?? ''
    const conditions: Record<string, string>[] = [
      { 'if-none-match': etag },
      { 'if-none-match': '*' },
      { 'if-modified-since': since },
    ]
    for (const headers of conditions) {
      const same = await get(headers)
      expect([same.status, await same.text(), same.headers.get('etag')]).toEqual([304, '', etag])
    }
    expect((await get({ 'if-none-match': '"other"' })).status).toBe(200)
    const head = await get({}, 'HEAD')
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '10', ''])
  })
})

function fill(to: ReadableStreamDefaultController): void {
  to.enqueue(new TextEncoder().encode('a '))
  to.enqueue(new TextEncoder().encode('stream'))
  to.close()
}
