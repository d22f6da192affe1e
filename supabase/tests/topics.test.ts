import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openWorld, type Persona, type World } from './personas'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.stop())

/** What a person may do on a topic, asked as realtime asks: h(ear) and s(peak), b(roadcast) and p(resence). */
const rights = (who: Persona, topic: string) =>
  world.scene(async (speak) => {
    const { admin } = world.database
    const sql = await speak(who)
    await sql`select set_config('realtime.topic', ${topic}, true)`
    let answer = ''
    for (const extension of ['broadcast', 'presence']) {
      const id = crypto.randomUUID()
      await admin`insert into realtime.messages (id, topic, extension) values (${id}, ${topic}, ${extension})`
      if ((await sql`select 1 from realtime.messages where id = ${id}`).length > 0)
        answer += `h${extension[0]}`
      const spoken = await sql
        .savepoint(
          (inner) => inner`insert into realtime.messages (topic, extension) values (${topic}, ${extension})`,
        )
        .then(
          () => true,
          () => false,
        )
      if (spoken) answer += `s${extension[0]}`
    }
    return answer
  })

const workspace = (id: string) => `workspace:${id}`
const channel = (id: string) => `channel:${id}`

describe.each(['owner', 'admin', 'member', 'guest'] as const)('%s', (who) => {
  test('hears and speaks in the workspace, on the own topic, not on those of others', async () => {
    expect(await rights(who, workspace(world.workspace))).toBe('hbsbhpsp')
    expect(await rights(who, `user:${world.id[who]}`)).toBe('hbsb')
    expect(await rights(who, `user:${world.id.peer}`)).toBe('')
    expect(await rights(who, workspace(world.elsewhere))).toBe('')
  })
})

describe('channels', () => {
  test.each([
    ['owner', 'general', 'hbsb'],
    ['owner', 'secret', ''],
    ['admin', 'lobby', ''],
    ['member', 'secret', 'hbsb'],
    ['member', 'direct', 'hbsb'],
    ['guest', 'secret', 'hbsb'],
    ['guest', 'general', ''],
    ['outsider', 'general', ''],
    ['outsider', 'elsewhere', 'hbsb'],
    ['anonymous', 'general', ''],
  ] as const)('%s on %s: %s', async (who, place, expected) => {
    expect(await rights(who, channel(world.channel[place]))).toBe(expected)
  })
})

describe('outsider and anonymous', () => {
  test('have no right on the workspace', async () => {
    expect(await rights('outsider', workspace(world.workspace))).toBe('')
    expect(await rights('anonymous', workspace(world.workspace))).toBe('')
    expect(await rights('anonymous', 'user:')).toBe('')
  })
})

test.each([
  '',
  'channel:',
  'channel:%',
  'channel:not-a-uuid',
  'CHANNEL:x',
  'workspace:',
  'user:',
  "'; --",
  '💥',
])('a strange topic opens nothing and raises nothing: %s', async (topic) => {
  expect(await rights('member', topic)).toBe('')
  expect(await rights('member', `${topic}${world.channel.secret.toUpperCase()}`)).toBe('')
})

describe('topics of changes: only heard, and by whom the changes concern', () => {
  test.each([
    ['owner', 'general', 'hb'],
    ['owner', 'secret', ''],
    ['admin', 'lobby', ''],
    ['member', 'secret', 'hb'],
    ['guest', 'secret', 'hb'],
    ['guest', 'general', ''],
    ['outsider', 'general', ''],
    ['anonymous', 'general', ''],
  ] as const)('%s on %s: %s', async (who, place, expected) => {
    expect(await rights(who, `changes:channel:${world.channel[place]}`)).toBe(expected)
  })

  test.each([
    ['owner', 'hb'],
    ['admin', 'hb'],
    ['member', 'hb'],
    ['guest', ''],
    ['outsider', ''],
    ['anonymous', ''],
  ] as const)('%s on the workspace: %s', async (who, expected) => {
    expect(await rights(who, `changes:workspace:${world.workspace}`)).toBe(expected)
  })

  test('everybody on their own, nobody on that of others', async () => {
    expect(await rights('member', `changes:user:${world.id.member}`)).toBe('hb')
    expect(await rights('guest', `changes:user:${world.id.guest}`)).toBe('hb')
    expect(await rights('member', `changes:user:${world.id.peer}`)).toBe('')
    expect(await rights('anonymous', `changes:user:${world.id.member}`)).toBe('')
    expect(await rights('anonymous', 'changes:user:')).toBe('')
  })
})
