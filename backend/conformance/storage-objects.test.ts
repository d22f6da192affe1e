import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorld, type World } from './storage-client'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world?.stop())

const text = (body: string) => new Blob([body], { type: 'text/plain' })
const names = (entries: { name: string }[] | null | undefined) => entries?.map(({ name }) => name)

/** A folder of Ada's with these files in it. */
async function folderWith(folder: string, files: string[]): Promise<string> {
  const path = `${world.people.ada.id}/${folder}`
  for (const file of files) {
    const { error } = await world.ada.from('files').upload(`${path}/${file}`, text(file))
    expect(error).toBeNull()
  }
  return path
}

describe('list', () => {
  test('shows one level, folders first, sorted, searched and in pages', async () => {
    const path = await folderWith('tree', [
      'b.txt',
      'a.txt',
      'C.txt',
      'deep/x.txt',
      'deep/y/z.txt',
      'box/x.txt',
    ])
    const files = world.ada.from('files')
    const { data } = await files.list(path)
    expect(names(data)).toEqual(['box', 'deep', 'C.txt', 'a.txt', 'b.txt'])
    expect(data?.[0]).toEqual({
      ...{ name: 'box', id: null, metadata: null },
      ...{ updated_at: null, created_at: null, last_accessed_at: null },
    })
    expect(data?.[3]).toMatchObject({ id: expect.any(String), metadata: { size: 5, mimetype: 'text/plain' } })
    expect(names((await files.list(path, { limit: 2, offset: 1 })).data)).toEqual(['deep', 'C.txt'])
    expect(names((await files.list(path, { sortBy: { column: 'created_at', order: 'desc' } })).data)).toEqual(
      [...['deep', 'box', 'C.txt', 'a.txt', 'b.txt']],
    )
    expect(names((await files.list(path, { search: 'c' })).data)).toEqual(['C.txt'])
    expect(names((await files.list(`${path}/deep`)).data)).toEqual(['y', 'x.txt'])
    expect(names((await files.list(`${path}/none`)).data)).toEqual([])
    // Letters that mean something in patterns are letters.
    expect((await files.list(`${path.slice(0, -1)}%`)).data).toEqual([])
    expect((await files.list(path, { search: "'; drop table storage.objects; --" })).data).toEqual([])
  })

  test('shows only what the policies show', async () => {
    const path = await folderWith('private', ['a.txt'])
    expect(names((await world.ada.from('files').list(path)).data)).toEqual(['a.txt'])
    for (const storage of [world.grace, world.anon]) {
      expect((await storage.from('files').list(path)).data).toEqual([])
      expect((await storage.from('files').listV2({ prefix: path })).data).toEqual({
        ...{ hasNext: false, folders: [], objects: [] },
      })
    }
  })

  for (const column of ['name', 'created_at', 'updated_at'] as const) {
    for (const order of ['asc', 'desc'] as const) {
      for (const folded of [true, false]) {
        test(`v2 pages by ${column} ${order}${folded ? ' with folders' : ''}`, async () => {
          const files = ['c.txt', 'a/1.txt', 'B.txt', 'a/2.txt', 'b/x/1.txt', 'a.txt', 'd.txt']
          const path = await folderWith(`v2-${column}-${order}-${folded}`, files)
          const seen: string[] = []
          let cursor: string | undefined
          let pages = 0
          do {
            const { data, error } = await world.ada.from('files').listV2({
              ...{ prefix: `${path}/`, limit: 2, with_delimiter: folded, sortBy: { column, order } },
              ...(cursor === undefined ? {} : { cursor }),
            })
            expect(error).toBeNull()
            seen.push(...[...(data?.folders ?? []), ...(data?.objects ?? [])].map(({ name }) => name))
            cursor = data?.nextCursor
            expect(data?.hasNext).toBe(cursor !== undefined)
            pages++
          } while (cursor !== undefined)
          // In the order in which they were made, a folder when its first file was.
          const made = folded ? ['c.txt', 'a/', 'B.txt', 'b/', 'a.txt', 'd.txt'] : files
          const expected = (column === 'name' ? made.toSorted() : made).map((name) => `${path}/${name}`)
          if (order === 'desc') expected.reverse()
          expect(pages).toBe(Math.ceil(expected.length / 2))
          // Within a page folders are told apart from files; the pages themselves are in order.
          for (let page = 0; page < pages; page++) {
            const part = (entries: string[]) => entries.slice(page * 2, page * 2 + 2).toSorted()
            expect(part(seen)).toEqual(part(expected))
          }
        })
      }
    }
  }

  test('refuses what it cannot read, with a reason', async () => {
    const files = world.ada.from('files')
    expect((await files.list('', { limit: -1 })).error).toMatchObject({ status: 400, statusCode: '400' })
    expect((await files.list('', { sortBy: { column: 'owner; drop' } })).error?.message).toMatch(/sortBy/)
    expect((await files.listV2({ cursor: 'x' })).error?.message).toBe('Invalid Parameter cursor')
  })
})

describe('move, copy and remove', () => {
  test('a move keeps the file and asks for the right at both ends', async () => {
    const path = await folderWith('move', ['a.txt', 'taken.txt'])
    const files = world.ada.from('files')
    const { data: before } = await files.info(`${path}/a.txt`)
    expect((await files.move(`${path}/a.txt`, `${path}/b.txt`)).data).toMatchObject({
      message: 'Successfully moved',
    })
    const { data: after } = await files.info(`${path}/b.txt`)
    expect([after?.id, after?.etag]).toEqual([before?.id, before?.etag])
    expect(await (await files.download(`${path}/b.txt`)).data?.text()).toBe('a.txt')
    expect((await files.download(`${path}/a.txt`)).error).toMatchObject({ statusCode: '404' })
    expect((await files.move(`${path}/b.txt`, `${path}/taken.txt`)).error).toMatchObject({
      statusCode: '409',
    })
    expect((await files.move(`${path}/b.txt`, `${world.people.grace.id}/b.txt`)).error).toMatchObject({
      statusCode: '403',
    })
    expect(
      (await world.grace.from('files').move(`${path}/b.txt`, `${world.people.grace.id}/b.txt`)).error,
    ).toMatchObject({ statusCode: '404' })
    expect(
      (await files.move(`${path}/b.txt`, `${path}/b.png`, { destinationBucket: 'avatars' })).error,
    ).toMatchObject({ statusCode: '415' })
    const other = await files.move(`${path}/b.txt`, `${path}/b.txt`, { destinationBucket: 'small' })
    expect(other.error).toBeNull()
    expect(await (await world.ada.from('small').download(`${path}/b.txt`)).data?.text()).toBe('a.txt')
  })

  test('a copy outlives its source', async () => {
    const path = await folderWith('copy', ['a.txt'])
    const files = world.ada.from('files')
    expect((await files.copy(`${path}/a.txt`, `${path}/b.txt`)).data).toEqual({ path: `files/${path}/b.txt` })
    expect((await files.copy(`${path}/a.txt`, `${path}/b.txt`)).error).toMatchObject({ statusCode: '409' })
    expect((await files.copy(`${path}/none.txt`, `${path}/c.txt`)).error).toMatchObject({ statusCode: '404' })
    expect(
      (await world.grace.from('files').copy(`${path}/a.txt`, `${world.people.grace.id}/a.txt`)).error,
    ).toMatchObject({ statusCode: '404' })
    await files.remove([`${path}/a.txt`])
    await removalsDone()
    expect(await (await files.download(`${path}/b.txt`)).data?.text()).toBe('a.txt')
  })

  test('remove takes what may be taken and tells what it took', async () => {
    const path = await folderWith('remove', ['a.txt', 'b.txt'])
    const both = [`${path}/a.txt`, `${path}/b.txt`, `${path}/none.txt`]
    expect((await world.grace.from('files').remove(both)).data).toEqual([])
    expect((await world.anon.from('files').remove(both)).data).toEqual([])
    expect(names((await world.ada.from('files').remove(both)).data)?.toSorted()).toEqual(both.slice(0, 2))
    expect((await world.ada.from('files').list(path)).data).toEqual([])
    const single = await world.http(`object/files/${path}/a.txt`, {
      method: 'DELETE',
      headers: world.as('ada'),
    })
    expect(await single.json()).toMatchObject({ statusCode: '404' })
  })
})

describe('signed addresses', () => {
  test('are good for one file, for a while, for whoever has them', async () => {
    const path = await folderWith('signed', ['a.txt', 'b.txt'])
    const files = world.ada.from('files')
    const { data } = await files.createSignedUrl(`${path}/a.txt`, 60, { download: 'my file.txt' })
    const response = await fetch(data?.signedUrl ?? '')
    expect([response.status, await response.text()]).toEqual([200, 'a.txt'])
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="my file.txt"')
    expect(response.headers.get('cache-control')).toBe('private, max-age=3600')
    expect((await world.grace.from('files').createSignedUrl(`${path}/a.txt`, 60)).error).toMatchObject({
      statusCode: '404',
    })
    const many = await files.createSignedUrls([`${path}/a.txt`, `${path}/none.txt`, `${path}/b.txt`], 60)
    expect(many.data?.map(({ error, path: of }) => [error, of])).toEqual([
      [null, `${path}/a.txt`],
      ['Either the object does not exist or you do not have access to it', `${path}/none.txt`],
      [null, `${path}/b.txt`],
    ])
    expect(await (await fetch(many.data?.[2]?.signedUrl ?? '')).text()).toBe('b.txt')
    expect(many.data?.[1]?.signedUrl).toBeNull()
  })

  test('end when whoever signed them may no longer see the file, and tell nobody who that was', async () => {
    const { admin } = world.server.database
    const { id } = world.people.grace
    const path = await folderWith('crew', ['plan.txt'])
    const folder = path.split('/')[0] ?? ''
    await admin`insert into public.team_members (team, user_id) values (${folder}, ${id})`
    const file = `${path}/plan.txt`
    const single = await world.grace.from('files').createSignedUrl(file, 600)
    const several = await world.grace.from('files').createSignedUrls([file], 600)
    const lasting = await world.admin.from('files').createSignedUrl(file, 600)
    const addresses = [single.data?.signedUrl, several.data?.[0]?.signedUrl, lasting.data?.signedUrl]
    const answers = () => Promise.all(addresses.map(async (each) => (await fetch(each ?? '')).status))
    expect(await answers()).toEqual([200, 200, 200])
    for (const address of addresses) {
      const parts = new URL(address ?? '').searchParams.get('token')?.split('.') ?? []
      expect(parts.map((part) => Buffer.from(part, 'base64url').toString()).join()).not.toContain(id)
    }
    await admin`delete from public.team_members where user_id = ${id}`
    expect(await answers()).toEqual([400, 400, 200])
  })

  test('for uploads carry the right to put one file there', async () => {
    const path = `${world.people.ada.id}/by-address.txt`
    const { data } = await world.ada.from('files').createSignedUploadUrl(path)
    const token = data?.token ?? ''
    expect((await world.grace.from('files').createSignedUploadUrl(path)).error).toMatchObject({
      statusCode: '403',
    })
    const sent = await world.anon.from('files').uploadToSignedUrl(path, token, text('by address'))
    expect(sent).toMatchObject({ data: { path, fullPath: `files/${path}` }, error: null })
    expect(await (await world.ada.from('files').download(path)).data?.text()).toBe('by address')
    const [row] = await world.server.database.admin`select owner_id from storage.objects where name = ${path}`
    expect(row?.owner_id).toBe(world.people.ada.id)
    expect(
      (await world.anon.from('files').uploadToSignedUrl(path, token, text('again'))).error,
    ).toMatchObject({
      statusCode: '409',
    })
    const { data: replacing } = await world.ada.from('files').createSignedUploadUrl(path, { upsert: true })
    const replaced = await world.anon
      .from('files')
      .uploadToSignedUrl(path, replacing?.token ?? '', text('new'))
    expect(replaced.error).toBeNull()
    expect(await (await world.ada.from('files').download(path)).data?.text()).toBe('new')
  })
})

/** Waits until nothing is up for removal. */
async function removalsDone(): Promise<void> {
  const { admin } = world.server.database
  await expect
    .poll(async () => (await admin`select count(*)::int from _backend.blob_removals`)[0]?.count)
    .toBe(0)
}
