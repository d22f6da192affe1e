import type { SupabaseClient } from '@supabase/supabase-js'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clientFor, eventually } from './api'
import { type Member, makeCrowd, makeWorkspace } from './crowd'
import { forgedTokens } from './forged-tokens'
import { product } from './shared-product'

const { url, secrets } = product
const key = secrets.publishableKey
const clients: SupabaseClient[] = []
let member: Member
let colleague: Member
let outsider: Member
let secretChannel: string
let outsiderChannel: string

beforeAll(async () => {
  const [ada, bob, mallory] = (await makeCrowd(product, 3)) as [Member, Member, Member]
  member = ada
  colleague = bob
  outsider = mallory
  const made = await makeWorkspace(product, [ada, bob], [{ name: 'secret', kind: 'private', members: [ada] }])
  secretChannel = made.channelIds[0] as string
  const elsewhere = await makeWorkspace(product, [mallory], [{ name: 'elsewhere', kind: 'private' }])
  outsiderChannel = elsewhere.channelIds[0] as string
  await post(member, secretChannel, 'the secret')
})

afterAll(async () => {
  await Promise.all(clients.map((client) => client.removeAllChannels()))
})

describe('GET /rest/v1/messages', () => {
  const get = (token?: string, query = '') =>
    fetch(`${url}/rest/v1/messages?select=*${query}`, {
      headers: { apikey: key, prefer: 'count=exact', ...(token && { authorization: `Bearer ${token}` }) },
    })

  test('control: a member reads the message', async () => {
    const response = await get(member.token)
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject([{ body: 'the secret', channel_id: secretChannel }])
    expect(response.headers.get('content-range')).toBe('0-0/1')
  })

  test('anonymous: nothing, not even a count', async () => {
    const response = await get()
    expect(await response.text()).not.toContain('secret')
    expect(response.headers.get('content-range') ?? '*/0').toMatch(/^\*\/(0|\*)$/)
  })

  test.each(['colleague outside the channel', 'person of another workspace'])(
    'a %s: nothing',
    async (who) => {
      const { token } = who.startsWith('colleague') ? colleague : outsider
      for (const query of ['', `&channel_id=eq.${secretChannel}`, '&body=like.*secret*']) {
        const response = await get(token, query)
        expect(await response.json()).toEqual([])
        expect(response.headers.get('content-range')).toBe('*/0')
      }
    },
  )

  test('forged tokens: refused, every one', async () => {
    for (const [name, token] of Object.entries(await forgedTokens(product, member))) {
      const response = await get(token)
      expect(response.status, name).toBe(401)
      expect(await response.text(), name).not.toContain('secret')
    }
  })

  test('functions answer an outsider as if the channel did not exist', async () => {
    const call = (person: Member, channel_id: string) =>
      clientFor(url, key, person).rpc('channel_page', { channel_id })
    expect((await call(member, secretChannel)).data).toMatchObject({ messages: [{ body: 'the secret' }] })
    const missing = await call(outsider, uuidv7())
    for (const person of [colleague, outsider]) {
      const { data, error, status } = await call(person, secretChannel)
      expect({ data, error, status }).toMatchObject({ data: null, error: missing.error, status: 404 })
    }
  })
})

describe('realtime', () => {
  test('a private message reaches its member and nobody else', async () => {
    const [heardByMember, heardByColleague, heardByOutsider, heardByNobody] = await Promise.all([
      listen(member),
      listen(colleague),
      listen(outsider),
      listen(undefined),
    ])
    await post(member, secretChannel, 'said live')
    // Later in the same stream: once the outsider has heard this, the secret has been and gone.
    await post(outsider, outsiderChannel, 'the fence')
    await eventually('the member hears the message', () => heardByMember.includes('said live'))
    await eventually('the outsider hears the fence', () => heardByOutsider.includes('the fence'))
    expect(heardByOutsider).toEqual(['the fence'])
    expect(heardByMember).toEqual(['said live'])
    expect(heardByColleague).toEqual([])
    expect(heardByNobody).toEqual([])
  })

  test('the private topic of a channel opens for its member only', async () => {
    const topic = `channel:${secretChannel}`
    expect(await join(member, topic)).toBe('SUBSCRIBED')
    expect(await join(colleague, topic)).toBe('CHANNEL_ERROR')
    expect(await join(outsider, topic)).toBe('CHANNEL_ERROR')
  })

  test('forged tokens cannot join', async () => {
    const topic = `channel:${secretChannel}`
    const answers = await Promise.all(
      Object.entries(await forgedTokens(product, member)).map(async ([name, token]) => [
        name,
        await join({ ...member, token }, topic),
      ]),
    )
    expect(answers.filter(([, answer]) => answer === 'SUBSCRIBED')).toEqual([])
  })
})

async function post(person: Member, channel_id: string, body: string) {
  const { error } = await clientFor(url, key, person)
    .from('messages')
    .insert({ id: uuidv7(), channel_id, body })
  expect(error).toBeNull()
}

async function connect(person: Member | undefined) {
  const client = clientFor(url, key, person)
  clients.push(client)
  if (person) await client.realtime.setAuth(person.token)
  return client
}

/** The bodies of every message that this person's subscription delivers. */
async function listen(person: Member | undefined): Promise<string[]> {
  const heard: string[] = []
  let ready = false
  const client = await connect(person)
  client
    .channel(uuidv7())
    .on('postgres_changes', { event: '*', schema: 'public', table: 'messages' }, ({ new: row }) =>
      heard.push((row as { body: string }).body),
    )
    .on('system', {}, () => {
      ready = true
    })
    .subscribe()
  await eventually('the subscription is answered', () => ready)
  return heard
}

async function join(person: Member, topic: string): Promise<string> {
  const client = await connect(person)
  const channel = client.channel(topic, { config: { private: true } })
  const answer = await new Promise<string>((resolve) => channel.subscribe((status) => resolve(status)))
  await client.removeChannel(channel)
  return answer
}
