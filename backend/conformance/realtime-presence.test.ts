import { describe, expect, test } from 'vitest'
import { joined, realtimeWorld, VERSIONS, type Vsn } from './realtime-client'

const world = realtimeWorld()

const shower = async (vsn: Vsn, name: string, key: string) => {
  const client = world.client(vsn)
  const events: [string, string, unknown[]][] = []
  const channel = client.channel(name, { config: { presence: { key } } })
  channel.on('presence', { event: 'join' }, ({ key: who, newPresences }) =>
    events.push(['join', who, newPresences]),
  )
  channel.on('presence', { event: 'leave' }, ({ key: who, leftPresences }) =>
    events.push(['leave', who, leftPresences]),
  )
  await joined(channel)
  const shown = () =>
    Object.fromEntries(
      Object.entries(channel.presenceState<{ n: number }>()).map(([who, metas]) => [
        who,
        metas.map(({ n }) => n).sort(),
      ]),
    )
  return { client, channel, events, shown }
}

describe.each(VERSIONS)('presence, vsn %s', (vsn) => {
  test('everybody sees who is there, changes, and who left', async () => {
    const ada = await shower(vsn, `room ${vsn}`, 'ada')
    expect(await ada.channel.track({ n: 1 })).toBe('ok')
    const bob = await shower(vsn, `room ${vsn}`, 'bob')
    await expect.poll(bob.shown).toEqual({ ada: [1] })
    await bob.channel.track({ n: 2 })
    await expect.poll(ada.shown).toEqual({ ada: [1], bob: [2] })
    await bob.channel.track({ n: 3 })
    await expect.poll(ada.shown).toEqual({ ada: [1], bob: [3] })
    await bob.channel.untrack()
    await expect.poll(ada.shown).toEqual({ ada: [1] })
    await bob.channel.track({ n: 4 })
    await expect.poll(ada.shown).toEqual({ ada: [1], bob: [4] })
    bob.client.realtime.disconnect()
    await expect.poll(ada.shown).toEqual({ ada: [1] })
    await ada.client.removeAllChannels()
  })

  test('several devices of one key are shown side by side', async () => {
    const [phone, laptop] = [await shower(vsn, 'devices', 'ada'), await shower(vsn, 'devices', 'ada')]
    await phone.channel.track({ n: 1 })
    await laptop.channel.track({ n: 2 })
    await expect.poll(phone.shown).toEqual({ ada: [1, 2] })
    const watcher = await shower(vsn, 'devices', 'bob')
    await phone.client.removeAllChannels()
    await expect.poll(watcher.shown).toEqual({ ada: [2] })
    await laptop.client.removeAllChannels()
    await expect.poll(watcher.shown).toEqual({})
    await watcher.client.removeAllChannels()
  })

  test.each(['__proto__', 'constructor'])(
    'the key %s, which would break other clients, becomes another',
    async (key) => {
      const odd = await shower(vsn, 'odd', key)
      const watcher = await shower(vsn, 'odd', 'watcher')
      await odd.channel.track({ n: 1 })
      await expect.poll(() => Object.values(watcher.shown())).toEqual([[1]])
      expect(Object.keys(watcher.shown())).not.toContain(key)
      await Promise.all([odd.client.removeAllChannels(), watcher.client.removeAllChannels()])
    },
  )
})

test('on private topics nobody is shown with another person’s id', async () => {
  const [ada, bob] = [await world.person([1]), await world.person([1])]
  const options = { config: { private: true, presence: { key: 'x' } } }
  const hers = ada.supabase.channel('room:1', options)
  const his = bob.supabase.channel('room:1', options).on('presence', { event: 'sync' }, () => {})
  await joined(hers)
  await joined(his)
  await hers.track({ user_id: bob.id })
  await expect.poll(() => his.presenceState().x).toMatchObject([{ user_id: ada.id }])
})

test('on private topics nobody takes the key of another person', async () => {
  const [ada, bob] = [await world.person([3]), await world.person([3])]
  const as = (key: string) => ({ config: { private: true, presence: { key } } })
  const hers = ada.supabase.channel('room:3', as(bob.id))
  const his = bob.supabase.channel('room:3', as(bob.id)).on('presence', { event: 'sync' }, () => {})
  await joined(hers)
  await joined(his)
  await hers.track({ state: 'online' })
  await expect.poll(() => Object.keys(his.presenceState())).toEqual([ada.id])
})

test('what is tracked has a size, and calls have a rate', async () => {
  const ada = await shower('2.0.0', 'limits', 'ada')
  const closed = new Promise<string>((resolve) => {
    ada.channel.on('system', {}, ({ message }) => resolve(message))
  })
  void ada.channel.track({ text: 'x'.repeat(20_000) })
  expect(await closed).toBe('Track message size exceeded')
  const bob = await shower('2.0.0', 'limits', 'bob')
  const flooded = new Promise<string>((resolve) => {
    bob.channel.on('system', {}, ({ message }) => resolve(message))
  })
  for (let n = 0; n < 60; n++) void bob.channel.track({ n })
  expect(await flooded).toBe('Client presence rate limit exceeded')
})
