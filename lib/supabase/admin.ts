import 'server-only'
import { readFileSync } from 'node:fs'
import { createClient } from '@supabase/supabase-js'
import { Refusal } from '@/lib/api'
import type { AppClient } from './client'
import type { Database } from './database.types'

/** Requests of ours that take longer have failed. */
const PATIENCE_MS = 20_000

/**
 * The backend as this process reaches it. With the embedded backend, the process that started this one has set the
 * address and both keys; with a Supabase project they are the settings of the same names.
 */
export function backendAccess(): { url: string; anonKey: string; serviceKey: string } {
  // Read by name at run time: what is written out with NEXT_PUBLIC_ is replaced when the site is built.
  const read = (name: string) => process.env[name] || ''
  const url = read('SUPABASE_INTERNAL_URL') || read('NEXT_PUBLIC_SUPABASE_URL') || read('SUPABASE_URL')
  const made = developmentKeys()
  const anonKey = read('SUPABASE_ANON_KEY') || read('NEXT_PUBLIC_SUPABASE_ANON_KEY') || made.publishableKey
  const serviceKey = read('SUPABASE_SERVICE_ROLE_KEY') || made.secretKey
  if (!url || !anonKey || !serviceKey) {
    throw new Refusal(
      501,
      'service_key_missing',
      'This server has no SUPABASE_SERVICE_ROLE_KEY, which this needs. docs/settings.md says where it comes from.',
    )
  }
  return { url, anonKey, serviceKey }
}

/** `npm run dev` starts the site before there are keys, and says in which file they will be. */
function developmentKeys(): { publishableKey?: string; secretKey?: string } {
  const file = process.env.SUPABASE_SECRETS_FILE
  return file ? JSON.parse(readFileSync(file, 'utf8')) : {}
}

/** The client that row-level security does not bind. Ask the database as the caller before anything is done with it. */
export function adminClient(): AppClient {
  const { url, serviceKey } = backendAccess()
  return connect(url, serviceKey)
}

/** The caller's own client: the database sees nobody but them. */
export function callerClient(token: string): AppClient {
  const { url, anonKey } = backendAccess()
  return connect(url, anonKey, { authorization: `Bearer ${token}` })
}

/** Calls an endpoint of Auth's administration that supabase-js has no method for. */
export async function authAdmin<T>(method: string, path: string, body?: object): Promise<T> {
  const { url, serviceKey } = backendAccess()
  const response = await patientFetch(`${url}/auth/v1/admin/${path}`, {
    method,
    headers: {
      apikey: serviceKey,
      authorization: `Bearer ${serviceKey}`,
      'content-type': 'application/json',
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>
  if (response.ok) return answer as T
  const message = typeof answer.msg === 'string' ? answer.msg : 'Auth refused this.'
  throw new Refusal(
    response.status < 500 ? response.status : 502,
    typeof answer.error_code === 'string' ? answer.error_code : 'auth_refused',
    message,
  )
}

function connect(url: string, key: string, headers: Record<string, string> = {}): AppClient {
  return createClient<Database>(url, key, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    global: { headers, fetch: patientFetch },
    // Never used here, and Node 20 has no WebSocket that the client would find by itself.
    realtime: { transport: class {} as never },
  })
}

const patientFetch: typeof fetch = (input, init) =>
  fetch(input, { ...init, cache: 'no-store', signal: init?.signal ?? AbortSignal.timeout(PATIENCE_MS) })
