import { createClient } from '@supabase/supabase-js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { openHttpWorld, type Who } from './http-world'
import { newId, type World } from './personas'

// The bytes of files, through supabase-js and the storage server: whoever may see a message gets them, nobody else does,
// and what is deleted has no address any more.

let http: Awaited<ReturnType<typeof openHttpWorld>>
let world: World
beforeAll(async () => {
  http = await openHttpWorld()
  world = http.world
})
afterAll(() => http.stop())

const clientOf = (who: Who) =>
  createClient(http.server.url, http.server.publishableKey, {
    ...(http.tokens[who] ? { accessToken: async () => http.tokens[who] } : {}),
    realtime: { transport: WebSocket as never },
  })
const bucketOf = (who: Who) => clientOf(who).storage.from('attachments')

async function announce(who: Who, channel: keyof World['channel'] = 'general') {
  const id = newId()
  const channel_id = world.channel[channel]
  const row = { id, channel_id, name: 'note.txt', type: 'text/plain', size: 5 }
  const { error } = await clientOf(who).from('attachments').insert(row)
  expect(error).toBeNull()
  return { id, channel_id, path: `${channel_id}/${id}` }
}
const upload = (who: Who, path: string, body = 'bytes') =>
  bucketOf(who).upload(path, new Blob([body], { type: 'text/plain' }))
async function sendFile(who: Who, channel: keyof World['channel'] = 'general') {
  const file = await announce(who, channel)
  expect((await upload(who, file.path)).error).toBeNull()
  const message = { id: newId(), channel_id: file.channel_id, body: '', attachments: [file.id] }
  expect((await clientOf(who).from('messages').insert(message)).error).toBeNull()
  return { ...file, messageId: message.id }
}
const reads = async (who: Who, path: string) => (await bucketOf(who).download(path)).data !== null
const signs = async (who: Who, path: string) =>
  (await bucketOf(who).createSignedUrl(path, 60)).data?.signedUrl

test('a waiting file is its uploader’s alone, and only they bring its bytes', async () => {
  const file = await announce('member')
  for (const who of ['owner', 'peer', 'guest', 'outsider', 'removed', 'anonymous'] as const) {
    expect((await upload(who, file.path)).error, who).not.toBeNull()
  }
  expect((await upload('member', file.path)).error).toBeNull()
  expect(await reads('member', file.path)).toBe(true)
  for (const who of ['owner', 'peer', 'guest', 'outsider', 'removed', 'anonymous'] as const) {
    expect(await reads(who, file.path), who).toBe(false)
    expect(await signs(who, file.path), who).toBeUndefined()
  }
})

test('a sent file is read by whoever may read its channel', async () => {
  const inGeneral = await sendFile('member')
  const inSecret = await sendFile('member', 'secret')
  const see = async (path: string) => {
    const all = ['owner', 'admin', 'member', 'peer', 'guest', 'outsider', 'removed', 'anonymous'] as const
    const seen = await Promise.all(all.map(async (who) => ((await reads(who, path)) ? [who] : [])))
    return seen.flat()
  }
  expect(await see(inGeneral.path)).toEqual(['owner', 'admin', 'member', 'peer'])
  expect(await see(inSecret.path)).toEqual(['member', 'guest'])
  const { data } = await clientOf('member')
    .from('messages')
    .select('attachments')
    .eq('id', inSecret.messageId)
    .single()
  expect(data?.attachments).toEqual([{ id: inSecret.id, name: 'note.txt', type: 'text/plain', size: 5 }])
})

test('a sent file is never written over, moved or copied, by its author either', async () => {
  const file = await sendFile('member')
  const bucket = bucketOf('member')
  const body = new Blob(['other'])
  expect((await bucket.upload(file.path, body)).error).not.toBeNull()
  expect((await bucket.upload(file.path, body, { upsert: true })).error).not.toBeNull()
  expect((await bucket.update(file.path, body)).error).not.toBeNull()
  expect((await bucket.move(file.path, `${file.path}-2`)).error).not.toBeNull()
  expect((await bucket.copy(file.path, `${world.channel.lobby}/${newId()}`)).error).not.toBeNull()
  expect((await bucket.createSignedUploadUrl(file.path, { upsert: true })).error).not.toBeNull()
  expect(await (await bucket.download(file.path)).data?.text()).toBe('bytes')
})

test('every address of a file ends with its message, whoever deletes it', async () => {
  for (const who of ['member', 'admin'] as const) {
    const [file, other] = [await sendFile('member'), await sendFile('member')]
    const address = (await signs('peer', file.path)) ?? ''
    expect((await fetch(address)).status).toBe(200)
    expect((await clientOf(who).rpc('delete_message', { message_id: file.messageId })).error).toBeNull()
    expect((await fetch(address)).status).toBeGreaterThanOrEqual(400)
    expect(await reads('member', file.path)).toBe(false)
    expect(await reads('peer', other.path)).toBe(true)
  }
})

test('bytes are removed through the storage API by whoever may delete the message', async () => {
  const file = await sendFile('member')
  const remove = async (who: Who) => (await bucketOf(who).remove([file.path])).data?.length ?? 0
  for (const who of ['peer', 'guest', 'outsider', 'removed', 'anonymous'] as const) {
    expect(await remove(who), who).toBe(0)
  }
  expect(await reads('peer', file.path)).toBe(true)
  expect(await remove('admin')).toBe(1)
  expect(await reads('peer', file.path)).toBe(false)
})

test('pictures of people are public by their address, written by themselves, and not listed', async () => {
  const path = `${world.id.member}/${newId()}`
  const avatars = (who: Who) => clientOf(who).storage.from('avatars')
  const put = (who: Who, type = 'image/webp') =>
    avatars(who).upload(path, new Blob([new Uint8Array([1])], { type }))
  expect((await put('peer')).error).not.toBeNull()
  expect((await put('member', 'image/svg+xml')).error).not.toBeNull()
  expect((await put('member')).error).toBeNull()
  const { publicUrl } = avatars('anonymous').getPublicUrl(path).data
  expect((await fetch(publicUrl)).status).toBe(200)
  expect((await avatars('peer').list(world.id.member)).data).toEqual([])
  expect((await avatars('member').list(world.id.member)).data).toHaveLength(1)
  expect((await avatars('peer').remove([path])).data).toEqual([])
  expect((await avatars('member').remove([path])).data).toHaveLength(1)
})
