import { isIP } from 'node:net'
import type { Context } from 'hono'
import type { z } from 'zod'
import { ApiError } from '../errors'
import { isTooDeep } from '../json-depth'
import { addressKey, clientAddress } from '../rate-limit'

/** What is remembered of where a session comes from. */
export type Client = { address: string; ip: string | null; userAgent: string | null }

/** U+0000 and halves of surrogate pairs: PostgreSQL can store neither. */
const UNSTORABLE = /\0|\p{Surrogate}/u

/** The body as JSON of the given form. As in GoTrue, a field of the wrong type is bad JSON. */
export async function readBody<T extends z.ZodType>(c: Context, schema: T): Promise<z.infer<T>> {
  const text = await c.req.text()
  const value = parse(text.trim() === '' ? '{}' : text)
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const field = issue?.path.join('.')
  throw badJson(field ? `${field}: ${issue?.message}` : (issue?.message ?? 'unexpected form'))
}

/** Address and browser of whoever sent the request. */
export function clientOf(c: Context, trustedProxies: number): Client {
  const bindings: { incoming?: { socket: { remoteAddress?: string } } } = c.env ?? {}
  const remote = bindings.incoming?.socket.remoteAddress
  const address = clientAddress(remote, c.req.header('x-forwarded-for'), trustedProxies)
  const userAgent = c.req.header('user-agent')?.slice(0, 512) ?? null
  return { address, ip: isIP(address) ? address : null, userAgent }
}

/** Whom what costs much is counted under: an address, and all of those that an IPv6 caller has. */
export function askerOf({ address }: Client): string {
  return addressKey(address)
}

function parse(text: string): unknown {
  if (isTooDeep(text)) throw badJson('nested too deeply')
  try {
    return JSON.parse(text, (key, value) => {
      if (UNSTORABLE.test(key) || (typeof value === 'string' && UNSTORABLE.test(value))) {
        throw new SyntaxError('text must not contain U+0000 or half a character')
      }
      return value
    })
  } catch (error) {
    throw badJson(error instanceof SyntaxError ? error.message : 'nested too deeply')
  }
}

function badJson(reason: string): ApiError {
  return new ApiError(400, 'bad_json', `Could not parse request body as JSON: ${reason}`)
}
