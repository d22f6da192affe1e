import type { HttpBindings } from '@hono/node-server'
import type { Context, Env } from 'hono'
import {
  bearerToken,
  type Caller,
  CallerError,
  isKey,
  resolveCaller,
  resolveKey,
  resolveToken,
} from '../caller'
import type { Deps } from '../services'
import type { Requester } from './access'
import { denied, invalid } from './errors'

/** Requests to storage: Node's own request and response carry the bytes, without a copy. */
export type StorageEnv = Env & { Bindings: HttpBindings }
export type StorageContext = Context<StorageEnv>

type Keys = Pick<Deps, 'secrets' | 'tokens'>

/** Says who asks: by a key, by a token, or by both. Returns null when the request has neither. */
export async function callerOf(context: StorageContext, keys: Keys): Promise<Caller | null> {
  const { raw } = context.req
  const token = bearerToken(raw.headers.get('authorization'))
  try {
    if (raw.headers.has('apikey')) return await resolveCaller(raw, keys)
    // On Supabase storage is reached without a key too: the token alone says who it is.
    if (token === null || token === '') return null
    return isKey(token) ? await resolveKey(token, raw.headers, keys) : await resolveToken(token, keys)
  } catch (error) {
    // Keys are the gateway's to refuse; of tokens Supabase Storage says this.
    if (error instanceof CallerError && error.body.code) throw denied(error.message)
    throw error
  }
}

/** The requester of a path that is not for strangers. Throws StorageError or CallerError. */
export async function requesterOf(
  context: StorageContext,
  keys: Keys,
  operation: string,
): Promise<Requester> {
  const caller = await callerOf(context, keys)
  if (!caller) throw invalid("headers must have required property 'authorization'", 'Error')
  return describe(context, caller, operation)
}

/** Storage itself, where a signature has decided. */
export function ownRequester(context: StorageContext, operation: string): Requester {
  return describe(context, null, operation)
}

function describe(context: StorageContext, caller: Caller | null, operation: string): Requester {
  const { method = '', headers } = context.env.incoming
  return { caller, operation: `storage.${operation}`, method, path: context.req.path, headers }
}

/** Whose file it is going to be. */
export function ownerOf({ caller }: Requester): string | null {
  return caller?.claims.sub ?? null
}
