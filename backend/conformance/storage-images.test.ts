import { createServer } from 'node:http'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bytesOf, startWorld, type World } from './storage-client'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world?.stop())

type Metadata = Awaited<ReturnType<ReturnType<typeof sharp>['metadata']>>

const path = (name: string) => `${world.people.ada.id}/${name}`

/** Keeps a picture of Ada's, red on the left and blue on the right. */
async function keepPicture(bucket: string, name: string, width = 400, height = 200): Promise<string> {
  const half = { create: { width: width / 2, height, channels: 3, background: 'blue' } } as const
  const right = await sharp(half).png().toBuffer()
  const bytes = await sharp({ create: { width, height, channels: 3, background: 'red' } })
    .composite([{ input: right, left: width / 2, top: 0 }])
    .withExif({ IFD3: { GPSLatitude: '52/1 31/1 0/1', GPSLatitudeRef: 'N' } })
    .jpeg()
    .toBuffer()
  const { error } = await world.ada.from(bucket).upload(path(name), bytes, { contentType: 'image/jpeg' })
  expect(error).toBeNull()
  return path(name)
}

async function look(blob: Blob | null): Promise<Metadata> {
  expect(blob).not.toBeNull()
  return sharp(await bytesOf(blob)).metadata()
}

describe('images', () => {
  test('are cut, fitted and stretched', async () => {
    const name = await keepPicture('files', 'sizes.jpg')
    const files = world.ada.from('files')
    for (const [transform, width, height] of [
      [{ width: 100, height: 100 }, 100, 100],
      [{ width: 100, height: 100, resize: 'contain' }, 100, 50],
      [{ width: 100, height: 100, resize: 'fill' }, 100, 100],
      [{ width: 100 }, 100, 50],
      [{ height: 100 }, 200, 100],
      [{ width: 2000, resize: 'contain' }, 400, 200],
    ] as const) {
      const { data } = await files.download(name, { transform })
      expect([transform, await look(data)]).toMatchObject([transform, { format: 'jpeg', width, height }])
    }
    const better = await files.download(name, { transform: { width: 300, quality: 95 } })
    const worse = await files.download(name, { transform: { width: 300, quality: 20 } })
    expect(better.data?.size).toBeGreaterThan(worse.data?.size ?? 0)
  })

  test('come in a form that the client takes, unless the original is asked for', async () => {
    const name = await keepPicture('avatars', 'forms.jpg')
    const get = (query: string, accept: string) =>
      world.http(`render/image/public/avatars/${name}?${query}`, { headers: { accept } })
    const webp = await get('width=50', 'image/webp,*/*')
    expect([webp.headers.get('content-type'), webp.headers.get('vary')]).toEqual(['image/webp', 'accept'])
    expect((await get('width=50', 'image/*')).headers.get('content-type')).toBe('image/jpeg')
    expect((await get('width=50&format=origin', 'image/webp')).headers.get('content-type')).toBe('image/jpeg')
    expect((await get('width=50&format=avif', '*/*')).headers.get('content-type')).toBe('image/avif')
    const again = await get('width=50', 'image/webp')
    expect(again.headers.get('etag')).toBe(webp.headers.get('etag'))
    expect(again.headers.get('cache-control')).toBe('max-age=3600')
    expect(Buffer.from(await again.arrayBuffer()).equals(Buffer.from(await webp.arrayBuffer()))).toBe(true)
    const { data } = world.anon.from('avatars').getPublicUrl(name, { transform: { width: 50 } })
    expect((await fetch(data.publicUrl)).status).toBe(200)
  })

  test('lose what was noted about where they were taken', async () => {
    const name = await keepPicture('files', 'place.jpg')
    const original = await world.ada.from('files').download(name)
    expect((await look(original.data)).exif).toBeDefined()
    const made = await world.ada.from('files').download(name, { transform: { width: 100 } })
    expect((await look(made.data)).exif).toBeUndefined()
  })

  test('ask the policies, or a signature that says how they are changed', async () => {
    const name = await keepPicture('files', 'signed.jpg')
    const transform = { width: 60, height: 60, resize: 'contain' } as const
    expect((await world.grace.from('files').download(name, { transform })).error).toMatchObject({
      statusCode: '404',
    })
    const { data } = await world.ada.from('files').createSignedUrl(name, 60, { transform })
    expect(data?.signedUrl).toContain('/render/image/sign/')
    const made = await fetch(`${data?.signedUrl}&width=400&height=400`)
    expect(await look(await made.blob())).toMatchObject({ width: 60, height: 30 })
    const token = new URL(data?.signedUrl ?? '').searchParams.get('token')
    expect((await world.http(`object/sign/files/${name}?token=${token}`)).status).toBe(400)
    expect((await world.http(`render/image/public/files/${name}?width=9`)).status).toBe(400)
  })

  test('that are replaced or deleted are not shown any more', async () => {
    const name = await keepPicture('files', 'gone.jpg')
    const files = world.ada.from('files')
    const transform = { width: 10, resize: 'fill' } as const
    const first = await files.download(name, { transform })
    const white = await sharp({ create: { width: 10, height: 10, channels: 3, background: 'white' } })
      .png()
      .toBuffer()
    await files.update(name, white, { contentType: 'image/png' })
    expect(await look((await files.download(name, { transform })).data)).toMatchObject({ format: 'png' })
    expect((await look(first.data)).format).toBe('jpeg')
    await files.remove([name])
    expect((await files.download(name, { transform })).error).toMatchObject({ statusCode: '404' })
  })

  test('are forgotten on request, with the secret key', async () => {
    const name = await keepPicture('files', 'purged.jpg')
    await world.ada.from('files').download(name, { transform: { width: 10 } })
    expect((await world.ada.from('files').purgeCache(name)).error).toMatchObject({ statusCode: '403' })
    expect((await world.admin.from('files').purgeCache(name)).error).toBeNull()
    expect((await world.admin.purgeBucketCache('files')).error).toBeNull()
    expect((await world.ada.from('files').download(name, { transform: { width: 10 } })).error).toBeNull()
  })

  test('that are none, or too much of one, are refused before they are decoded (D06)', async () => {
    const files = world.ada.from('files')
    const keep = async (name: string, bytes: Buffer, contentType: string) => {
      expect((await files.upload(path(name), bytes, { contentType })).error).toBeNull()
      return (await files.download(path(name), { transform: { width: 10 } })).error
    }
    const asked: string[] = []
    const canary = createServer((request, response) => {
      asked.push(request.url ?? '')
      response.end()
    }).listen(0, '127.0.0.1')
    const address = canary.address()
    const port = typeof address === 'object' ? address?.port : 0
    const laughs = Buffer.from(
      `<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "${'x'.repeat(1000)}"><!ENTITY b "${'&a;'.repeat(1000)}">]>
      <svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><image href="http://127.0.0.1:${port}/x"/><text>&b;</text></svg>`,
    )
    const refused = { statusCode: '422', message: 'This is not an image that can be transformed' }
    expect(await keep('laughs.svg', laughs, 'image/svg+xml')).toMatchObject(refused)
    expect(await keep('lie.png', laughs, 'image/png')).toMatchObject(refused)
    expect(asked).toEqual([])
    canary.close()
    expect(await keep('text.png', Buffer.from('no picture'), 'image/png')).toMatchObject(refused)
    const tiff = await sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } })
      .tiff()
      .toBuffer()
    expect(await keep('a.tiff', tiff, 'image/tiff')).toMatchObject(refused)
    // 50,000 × 50,000 pixels, of which only the head is there.
    const bomb = await sharp({ create: { width: 1, height: 1, channels: 3, background: 'red' } })
      .png()
      .toBuffer()
    expect(await keep('small.png', bomb, 'image/png')).toBeNull()
    bomb.writeUInt32BE(50_000, 16)
    bomb.writeUInt32BE(50_000, 20)
    bomb.writeUInt32BE(crc32(bomb.subarray(12, 29)), 29)
    expect(await keep('bomb.png', bomb, 'image/png')).toMatchObject({ statusCode: '413' })
    const heavy = Buffer.concat([bomb, Buffer.alloc(25 * 1024 * 1024)])
    expect(await keep('heavy.png', heavy, 'image/png')).toMatchObject({ statusCode: '413' })
  })

  test('with wishes that make no sense are refused', async () => {
    const name = await keepPicture('avatars', 'wishes.jpg')
    for (const query of ['width=0', 'width=99999', 'height=x', 'resize=tile', 'quality=500', 'format=svg']) {
      const response = await world.http(`render/image/public/avatars/${name}?${query}`)
      expect([query, response.status]).toEqual([query, 400])
    }
  })

  test('wait in a line that has an end', async () => {
    const name = await keepPicture('avatars', 'many.jpg', 2000, 1500)
    const answers = await Promise.all(
      Array.from({ length: 80 }, (_, i) =>
        world.http(`render/image/public/avatars/${name}?width=${100 + i}`),
      ),
    )
    const statuses = answers.map(({ status }) => status)
    await Promise.all(answers.map((answer) => answer.arrayBuffer()))
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(50)
    expect(statuses.filter((status) => status === 503).length).toBeGreaterThan(0)
    expect(new Set(statuses)).toEqual(new Set([200, 503]))
    expect((await world.http(`render/image/public/avatars/${name}?width=99`)).status).toBe(200)
  })
})

/** The check sum of a part of a PNG. */
function crc32(bytes: Buffer): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return (crc ^ 0xffffffff) >>> 0
}
