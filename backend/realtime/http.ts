import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { type CallerDeps, CallerError, resolveCaller } from '../caller'
import { ApiError, errorResponse } from '../errors'
import type { Access } from './access'
import { type Principal, principalOf } from './principals'
import { isObject } from './protocol/envelope'
import { type Send, signedBy } from './server-broadcast'
import { type TopicName, topicKey } from './topics'

type Options = {
  keys: CallerDeps
  access: Access
  send: Send
  maxBytes: number
}

/** Messages of one request. */
const MAX_BATCH = 100

type Message = { topic: string; event: string; json: string; private: boolean }

/** Broadcasting without a socket, under `/realtime/v1/api`. */
export function createHttp({ keys, access, send, maxBytes }: Options): Hono {
  const app = new Hono().basePath('/realtime/v1')
  const caller = async (request: Request): Promise<Principal> =>
    principalOf((await resolveCaller(request, keys)).claims)
  const maySend = async (principal: Principal, topic: TopicName): Promise<boolean> =>
    !topic.private || (await access.rights(principal, topic.name)).speakBroadcast

  app.onError((error) => {
    if (error instanceof CallerError) return Response.json({ message: 'Unauthorized' }, { status: 401 })
    throw error
  })
  app.use(
    bodyLimit({
      maxSize: maxBytes,
      onError: () =>
        errorResponse(new ApiError(413, 'payload_too_large', `A broadcast has ${maxBytes} bytes at most.`)),
    }),
  )

  app.post('/api/broadcast', async (c) => {
    const principal = await caller(c.req.raw)
    const messages = readBatch(await c.req.json().catch(() => null))
    if ('errors' in messages) return c.json(messages, 422)
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
    const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
    if (type !== 'application/json' && type !== 'application/octet-stream') {
      return c.json({ message: 'Send application/json or application/octet-stream' }, 415)
    }
    const name = { name: topic, private: c.req.query('private') === 'true' }
    if (!(await maySend(principal, name))) return c.json({ message: 'Unauthorized' }, 403)
    const bytes = Buffer.from(await c.req.arrayBuffer())
    if (type === 'application/octet-stream') {
      send(name, signedBy(principal, name, { event, bytes }))
      return c.body(null, 202)
    }
    const json = bytes.toString('utf8')
    if (!isJson(json)) return c.json({ errors: { payload: ['is not JSON'] } }, 422)
    send(name, signedBy(principal, name, { event, json }))
    return c.body(null, 202)
  })

  return app
}

function readBatch(body: unknown): { list: Message[] } | { errors: Record<string, string[]> } {
  const messages = isObject(body) ? body.messages : null
  if (!Array.isArray(messages)) return { errors: { messages: ['must be a list'] } }
  if (messages.length > MAX_BATCH) return { errors: { messages: [`has more than ${MAX_BATCH} entries`] } }
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

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
