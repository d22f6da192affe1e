import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { collect, joined, realtimeWorld } from './realtime-client'
import { rawSockets } from './realtime-raw'

const world = realtimeWorld({ maxBindingsPerPerson: 150 })
const { open } = rawSockets(world)

const on = (table: string, filter: string) => ({ event: '*' as const, schema: 'public', table, filter })

/** Somebody in room 1, who asks for changes in one join after another. */
async function attacker() {
  const id = randomUUID()
  await world.enter(id, 1)
  const token = await world.tokenFor(id)
  const { say, messages, socket } = await open()
  let topics = 0
  const ask = (...filters: string[]) => {
    const topic = `realtime:attack-${++topics}`
    const postgres_changes = filters.map((filter) => on('notes', filter))
    say(['1', String(topics), topic, 'phx_join', { config: { postgres_changes }, access_token: token }])
    return topic
  }
  /** What the server says of a subscription. */
  const told = async (topic: string) => {
    const find = () => messages.find(([, , to, event]) => to === topic && event === 'system')
    await expect.poll(find, { timeout: 20_000 }).toBeDefined()
    return find()[4].message as string
  }
  return { ask, told, socket, messages }
}

/** PostgreSQL would need half a minute to understand it. */
const slow = (n: number) => `body=match."^${'(a?){200}'.repeat(3)}${'(.*)*b'.repeat(20)}${n}$"`

test('a short value that is printed as megabytes is not kept', async () => {
  const { ask, told } = await attacker()
  expect(await told(ask(`extra=eq."[${Array(50).fill('1e131071').join()}]"`))).toMatch(/too long/)
  expect(await told(ask(`amount=in.(${Array(100).fill('1e131071').join()})`))).toMatch(/too long/)
  expect(await told(ask(`body=eq.${'x'.repeat(1_001)}`))).toMatch(/too long/)
  expect(await told(ask(`body=eq.${'x'.repeat(1_000)}`))).toBe('Subscribed to PostgreSQL')
  expect(await told(ask('extra=eq."[1e100]"', 'amount=in.(1.50,"2")'))).toBe('Subscribed to PostgreSQL')
})

test('a filter has few conditions', async () => {
  const { ask, told } = await attacker()
  expect(await told(ask(Array(21).fill('id=eq.1').join()))).toMatch(/too many conditions/)
  expect(await told(ask(Array(20).fill('id=eq.1').join()))).toBe('Subscribed to PostgreSQL')
})

test('a person has so many bindings on all sockets; what was left counts no more', async () => {
  const { ask, told, socket } = await attacker()
  const many = (n: number) => Array.from({ length: n }, (_, i) => `id=neq.${i}`)
  expect(await told(ask(...many(100)))).toBe('Subscribed to PostgreSQL')
  expect(await told(ask(...many(51)))).toBe('Too many postgres_changes, at most 150')
  expect(await told(ask(...many(50)))).toBe('Subscribed to PostgreSQL')
  socket.send(JSON.stringify(['1', '9', 'realtime:attack-1', 'phx_leave', {}]))
  expect(await told(ask(...many(100)))).toBe('Subscribed to PostgreSQL')
})

test('patterns that take long to understand hold up neither changes nor the joins of others', async () => {
  const { ask, told } = await attacker()
  const reader = await world.person([1])
  const { seen, add } = collect()
  const hearing = reader.supabase
    .channel('needs-the-database')
    .on('postgres_changes', on('notes', 'amount=gt.1.5'), add)
  await joined(hearing)
  const attacks = Array.from({ length: 20 }, (_, i) =>
    ask(...Array.from({ length: 7 }, (_, j) => slow(i * 7 + j))),
  )
  expect(await told(attacks[0] as string)).toBe('the pattern for body takes too long to check')
  await world.sql`insert into public.notes (id, room_id, amount) values (70, 1, 2), (71, 1, 1)`
  await expect.poll(() => seen.map((change) => change.new.id), { timeout: 3_000 }).toEqual([70])
  const other = await world.person([1])
  await joined(other.supabase.channel('joins').on('postgres_changes', on('notes', 'body=match.^a'), () => {}))
}, 30_000)

test('a pattern that takes long to match is given up, and who asked for it is told; others hear at once', async () => {
  const { ask, told, messages } = await attacker()
  const reader = await world.person([1])
  const { seen, add } = collect()
  await joined(reader.supabase.channel('quick').on('postgres_changes', on('notes', 'amount=gt.1.5'), add))
  const topics = Array.from({ length: 10 }, (_, i) =>
    ask(`body=match."(.+)(.+).*\\\\1.*\\\\2z{0,${i + 1}}$"`),
  )
  for (const topic of topics) expect(await told(topic)).toBe('Subscribed to PostgreSQL')
  // No character comes twice, which takes long to find out.
  const body = String.fromCodePoint(...Array.from({ length: 400 }, (_, i) => 0x4e00 + i))
  const insert = (id: number) =>
    world.sql`insert into public.notes (id, room_id, amount, body) values (${id}, 1, 2, ${body})`
  await insert(80)
  const errors = () =>
    messages.filter(([, , , event, payload]) => event === 'system' && payload.status === 'error')
  await expect.poll(() => errors().length, { timeout: 20_000 }).toBe(10)
  expect(errors()[0][4].message).toBe('A filter takes too long and is looked at no more: public.notes')
  await insert(81)
  await expect.poll(() => seen.map((change) => change.new.id), { timeout: 1_000 }).toEqual([80, 81])
  expect(errors()).toHaveLength(10)
}, 60_000)
