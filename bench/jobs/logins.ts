import { availableParallelism } from 'node:os'
import { hash, verify } from '@node-rs/bcrypt'
import { openConnection } from '../http-connection'
import { millisecondsSince, now } from '../open-loop'

export const LOGIN_PASSWORD = 'correct horse battery staple'
const COST = 10

/** The hash that the people of a login row have. */
export const loginHash = () => hash(LOGIN_PASSWORD, { cost: COST })

/** Comparisons a second with nothing around them: as many at once as there are cores. */
export async function bcryptBound({ seconds }: { seconds: number }): Promise<number> {
  const encrypted = await loginHash()
  const compare = () => verify(LOGIN_PASSWORD, encrypted)
  return perSecond(
    seconds,
    Array.from({ length: availableParallelism() }, () => compare),
  )
}

/** Sign-ins a second, each of another person, by as many at once as there are `connections`. */
export async function logins(options: {
  url: string
  key: string
  emails: string[]
  seconds: number
  connections: number
}): Promise<number> {
  const { url, key, emails, seconds } = options
  const open = Array.from({ length: options.connections }, () => openConnection(url, { apikey: key }))
  const connections = await Promise.all(open)
  let next = 0
  const signIn = (connection: (typeof connections)[number]) => async () => {
    const email = emails[next++ % emails.length]
    const body = JSON.stringify({ email, password: LOGIN_PASSWORD })
    const answer = await connection.send('/auth/v1/token?grant_type=password', body)
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body}`)
  }
  const result = await perSecond(seconds, connections.map(signIn))
  for (const connection of connections) connection.close()
  return result
}

async function perSecond(seconds: number, workers: (() => Promise<unknown>)[]): Promise<number> {
  const started = now()
  const end = started + BigInt(Math.round(seconds * 1e9))
  let done = 0
  await Promise.all(
    workers.map(async (work) => {
      while (now() < end) {
        await work()
        done += 1
      }
    }),
  )
  return done / (millisecondsSince(started) / 1000)
}
