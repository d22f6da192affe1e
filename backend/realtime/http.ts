import { type Context, Hono } from 'hono'
import { askerOf, clientOf } from '../auth/request'
import { CallerError, resolveCaller } from '../caller'
import { isTooDeep } from '../json-depth'
import type { Hub } from './hub'
import { type Principal, principalOf } from './principals'
import { isObject } from './protocol/envelope'
import { Rates } from './rates'
import { type Send, signedBy } from './server-broadcast'
import { type TopicName, topicKey } from './topics'

type Options = { hub: Hub; send: Send }

type Message = { topic: string; event: string; json: string; private: boolean }

/** A message beyond what one is allowed; the single endpoint has no better words for it, as upstream. */
const TOO_MANY = 'You have exceeded your rate limit'
const REDUCE = 'Too many messages to broadcast, please reduce the batch size'
const TOO_LARGE = { errors: { payload: ['Payload size exceeds tenant limit'] } }

/** Broadcasting without a socket, under `/realtime/v1/api`. */
export function createHttp({ hub, send }: Options): Hono {
  const { access, keys, limits } = hub
  const app = new Hono().basePath('/realtime/v1')
  const rates = new Rates(limits.maxRestMessagesPerSecond)
  const caller = async (request: Request): Promise<Principal> =>
    principalOf((await resolveCaller(request, keys)).claims)
  const maySend = async (principal: Principal, topic: TopicName): Promise<boolean> =>
    !topic.private || (await access.rights(principal, topic.name)).speakBroadcast
  const addressOf = (c: Context) => askerOf(clientOf(c, hub.site.trustedProxies))
  const rateKey = (c: Context, { sub, role }: Principal) => sub ?? `${role} ${addressOf(c)}`
  // Counted together with what the same people say on sockets. Who has the secret key is the operator.
  const takeBytes = (c: Context, { sub, role }: Principal, bytes: number) =>
    role === 'service_role' ? 'all' : hub.bytes.take(sub ?? `address ${addressOf(c)}`, bytes)

  app.onError((error) => {
    if (error instanceof CallerError) return Response.json({ message: 'Unauthorized' }, { status: 401 })
    throw error
  })

  app.post('/api/broadcast', async (c) => {
    const principal = await caller(c.req.raw)
    const messages = readBatch(parse(await c.req.text()))
    if ('errors' in messages) return c.json(messages, 422)
    const sizes = messages.list.map(({ json }) => Buffer.byteLength(json))
    if (sizes.some((size) => size > limits.maxBroadcastBytes)) return c.json(TOO_LARGE, 422)
    const bytes = sizes.reduce((sum, size) => sum + size, 0)
    for (const fits of [
      rates.take(rateKey(c, principal), messages.list.length),
      takeBytes(c, principal, bytes),
    ]) {
      if (fits === 'none') return c.json({ message: TOO_MANY }, 429)
      if (fits === 'some') return c.json({ message: REDUCE }, 429)
    }
    // What may not be sent is left out in silence, as upstream does.
    const asked = new Map<string, boolean>()
    for (const { topic, event, json, private: isPrivate } of messages.list) {
      const name = { name: topic, private: isPrivate }
      const allowed = asked.get(topicKey(name)) ?? (await maySend(principal, name))
      asked.set(topicKey(name), allowed)
      if (allowed) send(name, signedBy(principal, name, { event, json }))
    }
    return c.body(null, 202)
  })

  app.post('/api/broadcast/:topic/events/:event', async (c) => {
    const principal = await caller(c.req.raw)
    const { topic, event } = c.req.param()
    // Without a type it is JSON, as from callers that never sent one.
    const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase() ?? 'application/json'
    if (type !== 'application/json' && type !== 'application/octet-stream') {
      const error = 'Unsupported Media Type. Use application/json or application/octet-stream'
      return c.json({ error }, 415)
    }
    const bytes = Buffer.from(await c.req.arrayBuffer())
    if (bytes.length > limits.maxBroadcastBytes) return c.json(TOO_LARGE, 422)
    const text = type === 'application/json' ? bytes.toString('utf8') : null
    if (text !== null && parse(text) === undefined) {
      return c.json({ errors: { payload: ['is not JSON'] } }, 422)
    }
    const fits = [rates.take(rateKey(c, principal)), takeBytes(c, principal, bytes.length)]
    if (fits.some((each) => each !== 'all')) return c.json({ message: TOO_MANY }, 429)
    const name = { name: topic, private: c.req.query('private') === 'true' }
    if (!(await maySend(principal, name))) return c.json({ message: 'Unauthorized' }, 403)
    send(name, signedBy(principal, name, text === null ? { event, bytes } : { event, json: text }))
    return c.body(null, 202)
  })

  return app
}

function readBatch(body: unknown): { list: Message[] } | { errors: Record<string, string[]> } {
  const messages = isObject(body) ? body.messages : null
  if (!Array.isArray(messages)) return { errors: { messages: ["can't be blank"] } }
  const list: Message[] = []
  for (const message of messages) {
    if (!isObject(message)) return { errors: { messages: ['must be objects'] } }
    const { topic, event, payload, private: isPrivate = false } = message
    if (typeof topic !== 'string' || topic === '') return { errors: { topic: ["can't be blank"] } }
    if (typeof event !== 'string' || event === '') return { errors: { event: ["can't be blank"] } }
    if (!isObject(payload)) return { errors: { payload: ["can't be blank"] } }
    if (typeof isPrivate !== 'boolean') return { errors: { private: ['is invalid'] } }
    list.push({ topic, event, json: JSON.stringify(payload), private: isPrivate })
  }
  return { list }
}

/** What a text says in JSON; undefined when it is none, or nested too deeply. */
function parse(text: string): unknown {
  if (isTooDeep(text)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
