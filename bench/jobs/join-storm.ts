import { setTimeout as sleep } from 'node:timers/promises'
import type { WebSocket } from 'ws'
import type { Person } from './job'
import { openSocket } from './receivers'

type Options = {
  url: string
  key: string
  people: Person[]
  /** Topics that they join in turn, most of which are not theirs. */
  topics: string[]
  /** Joins of all of them together. */
  perSecond: number
  seconds: number
}

/** How many joins were asked for and answered, and how often a socket was ended for them. */
export type JoinStorm = { joins: number; answers: number; closed: number }

const TICK_MS = 20

/** People who join and leave without a pause, each on a socket that is opened again when it was ended. */
export async function joinStorm({
  url,
  key,
  people,
  topics,
  perSecond,
  seconds,
}: Options): Promise<JoinStorm> {
  const storm: JoinStorm = { joins: 0, answers: 0, closed: 0 }
  const address = `${url.replace(/^http/, 'ws')}/realtime/v1/websocket?apikey=${key}&vsn=2.0.0`
  const end = performance.now() + seconds * 1_000
  const began = performance.now()
  const flap = async (person: Person) => {
    let socket: WebSocket | undefined
    for (let done = 0, ref = 0; performance.now() < end; ) {
      if (socket?.readyState !== 1) {
        if (socket) storm.closed++
        socket = await openSocket(address).catch(() => undefined)
        if (!socket) await sleep(TICK_MS)
        socket?.on('message', (data) => {
          if (String(data).includes('"phx_reply"')) storm.answers++
        })
        continue
      }
      const due = ((performance.now() - began) / 1_000) * (perSecond / people.length)
      for (; done < due; done++) {
        const topic = `realtime:${topics[storm.joins++ % topics.length]}`
        const config = { private: true, presence: { key: '', enabled: true } }
        socket.send(
          JSON.stringify([`${++ref}`, `${ref}`, topic, 'phx_join', { config, access_token: person.token }]),
        )
        socket.send(JSON.stringify([`${ref}`, `${++ref}`, topic, 'phx_leave', {}]))
      }
      await sleep(TICK_MS)
    }
    socket?.terminate()
  }
  await Promise.all(people.map(flap))
  return storm
}
