import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import WebSocket from 'ws'
import { arrived, collect, joined, realtimeWorld } from './realtime-client'
import { joinFrame, rawSockets } from './realtime-raw'

const world = realtimeWorld({
  maxJoinsPerSecond: 60,
  maxMessagesPerPerson: 60,
  maxJoinBytesPerSocket: 500_000,
})
const { open } = rawSockets(world)
const privately = { config: { private: true } }

// biome-ignore lint/suspicious/noExplicitAny: tests look at whatever arrived.
const systemOf = (messages: any[]) =>
  messages.filter((each) => each[3] === 'system').map((each) => each[4].message)

describe('B17: flapping', () => {
  test('who joins and leaves without a pause is ended, and what others say arrives, all of it and in order', async () => {
    const [ada, bob] = [await world.person([1]), await world.person([1])]
    const { seen, add } = collect()
    await joined(bob.supabase.channel('room:1', privately).on('broadcast', { event: 'n' }, add))
    const hers = await joined(
      ada.supabase.channel('room:1', { config: { private: true, broadcast: { ack: true } } }),
    )
    const flapper = randomUUID()
    await world.enter(flapper, 1)
    const access_token = await world.tokenFor(flapper)
    const sockets = await Promise.all(Array.from({ length: 4 }, () => open()))
    const presence = { key: 'flapper', enabled: true }
    for (let n = 0; n < 50; n++) {
      for (const { say } of sockets) {
        const ref = String(n)
        say(joinFrame('realtime:room:1', ref, { private: true, presence }, { access_token }))
        say([ref, null, 'realtime:room:1', 'presence', { event: 'track', payload: { n } }])
        say([ref, null, 'realtime:room:1', 'phx_leave', {}])
      }
      expect(await hers.send({ type: 'broadcast', event: 'n', payload: { n } })).toBe('ok')
    }
    // Two hundred joins within a second that allows sixty; a machine that took longer is given more of them.
    await expect
      .poll(() => {
        for (const { say } of sockets) {
          for (let n = 0; n < 70; n++) {
            say(joinFrame('realtime:room:1', `more ${n}`, { private: true }, { access_token }))
          }
        }
        return sockets.map(({ socket }) => socket.readyState)
      })
      .toEqual(Array(4).fill(WebSocket.CLOSED))
    for (const { closed } of sockets) expect(await closed).toBe(1008)
    await arrived(seen, 50)
    expect(seen.map(({ payload }) => payload.n)).toEqual(Array.from({ length: 50 }, (_, n) => n))
    expect(hers.state).toBe('joined')
  })

  test('leaving and joining again begins no count of messages anew, and a second socket has none of its own', async () => {
    const access_token = await world.tokenFor(randomUUID())
    const [first, second] = [await open(), await open()]
    let ref = 0
    // Twenty-one on each channel, of a hundred that one may carry: together more than a person may.
    await expect
      .poll(() => {
        for (const { say } of [first, second]) {
          for (let again = 0; again < 2; again++) {
            const join = String(++ref)
            say(joinFrame('realtime:flood', join, {}, { access_token }))
            for (let n = 0; n < 21; n++) say([join, null, 'realtime:flood', 'broadcast', { event: 'e' }])
            say([join, null, 'realtime:flood', 'phx_leave', {}])
          }
        }
        return systemOf([...first.messages, ...second.messages])
      })
      .toContain('Too many messages per second')
  })
})

describe('B16: what a socket may keep', () => {
  test('joins that ask for a lot are refused together, and what was left makes room', async () => {
    const { say, messages } = await open()
    const config = { broadcast: { note: 'x'.repeat(200_000) } }
    for (let n = 1; n <= 4; n++) say(joinFrame(`realtime:${n}`, String(n), config))
    await expect.poll(() => messages.length).toBe(4)
    const statuses = () => messages.filter((each) => each[3] === 'phx_reply').map((each) => each[4].status)
    expect(statuses()).toEqual(['ok', 'ok', 'error', 'error'])
    expect(messages[2][4].response.reason).toMatch(/^JoinTooLarge/)
    say(['1', '5', 'realtime:1', 'phx_leave', {}])
    say(joinFrame('realtime:6', '6', config))
    await expect.poll(() => messages.find((each) => each[1] === '6')?.[4].status).toBe('ok')
  })

  test('a token is not counted: it is checked and forgotten', async () => {
    const { say, messages } = await open()
    const access_token = await world.tokenFor(randomUUID(), { note: 'x'.repeat(11_000) })
    for (let n = 0; n < 50; n++) say(joinFrame(`realtime:${n}`, String(n), {}, { access_token }))
    await expect.poll(() => messages.length).toBe(50)
    expect(new Set(messages.map((each) => each[4].status))).toEqual(new Set(['ok']))
  })
})
