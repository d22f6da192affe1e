import { afterAll, beforeAll, expect, test } from 'vitest'
import { openHttpWorld, type Who } from './http-world'
import { newId, type World } from './personas'

// Threats D03: an address that somebody had signed for a file, after they have lost the right to it. In the embedded backend it ends
// with that right; on Supabase it lives as long as was asked for.

let http: Awaited<ReturnType<typeof openHttpWorld>>
let world: World
beforeAll(async () => {
  http = await openHttpWorld()
  world = http.world
})
afterAll(() => http.stop())

async function storage(who: Who, path: string, body: BodyInit, type: string) {
  const { server, tokens } = http
  return fetch(`${server.url}/storage/v1/${path}`, {
    method: 'POST',
    headers: {
      ...{ apikey: server.publishableKey, authorization: `Bearer ${tokens[who]}`, 'content-type': type },
    },
    body,
  })
}

/** A file that the member sends to the private channel; addresses of it by people. */
async function sendFile() {
  const [id, channel_id] = [newId(), world.channel.secret]
  const path = `${channel_id}/${id}`
  const row = { id, channel_id, name: 'a.txt', type: 'text/plain', size: 5 }
  expect((await http.send('member', 'POST', 'attachments', row)).status).toBe(201)
  expect((await storage('member', `object/attachments/${path}`, 'bytes', 'text/plain')).status).toBe(200)
  const message = { id: newId(), channel_id, body: '', attachments: [id] }
  expect((await http.send('member', 'POST', 'messages', message)).status).toBe(201)
  return path
}
async function sign(who: Who, path: string): Promise<string> {
  const answer = await storage(
    who,
    `object/sign/attachments/${path}`,
    '{"expiresIn":3600}',
    'application/json',
  )
  expect(answer.status, who).toBe(200)
  return `${http.server.url}/storage/v1${(await answer.json()).signedURL}`
}
const reads = async (address: string) => (await (await fetch(address)).text()) === 'bytes'

test('whoever is removed from the channel has no address of its files any more; those of others go on', async () => {
  const path = await sendFile()
  const [guests, members] = [await sign('guest', path), await sign('member', path)]
  expect([await reads(guests), await reads(members)]).toEqual([true, true])
  const removal = { channel_id: world.channel.secret, user_id: world.id.guest }
  expect((await http.rpc('member', 'remove_channel_member', removal)).status).toBe(200)
  expect([await reads(guests), await reads(members)]).toEqual([false, true])
})

test('the end of a sign-in, of a membership and of an account end the addresses', async () => {
  const path = await sendFile()
  const address = await sign('member', path)
  const { admin } = http
  const sessions = await admin`delete from auth.sessions where user_id = ${world.id.member} returning *`
  expect(await reads(address)).toBe(false)
  await admin`insert into auth.sessions ${admin(sessions)}`
  expect(await reads(address)).toBe(true)
  await admin`update public.workspace_members set deactivated_at = now() where user_id = ${world.id.member}`
  expect(await reads(address)).toBe(false)
  await admin`update public.workspace_members set deactivated_at = null where user_id = ${world.id.member}`
  expect(await reads(address)).toBe(true)
  await admin`delete from auth.users where id = ${world.id.member}`
  expect(await reads(address)).toBe(false)
})
