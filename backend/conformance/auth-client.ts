import { createClient, type Session, type SupabaseClient, type User } from '@supabase/supabase-js'
import WebSocket from 'ws'
import { createAuth } from '../auth/service'
import type { Settings } from '../settings'
import { startTestServer, type TestServer } from '../testing/server'

/** A signed-in person with the client they use. */
export type Person = { supabase: SupabaseClient; email: string; session: Session; user: User }

export const password = 'correct horse battery'

/** A backend with Auth alone and room for many requests, and the ways to talk to it. */
export async function startAuth(settings: Partial<Settings> = {}) {
  const roomy = { rateLimitSignUps: 10_000, rateLimitSignIns: 10_000, ...settings }
  const server = await startTestServer({ services: [createAuth], migrationsDir: null, settings: roomy })
  return { server, ...talkTo(server) }
}

function talkTo(server: TestServer) {
  let people = 0

  function client(key = server.publishableKey): SupabaseClient {
    return createClient(server.url, key, {
      auth: { persistSession: false, autoRefreshToken: false, experimental: { passkey: true } },
      // Node 20 has no WebSocket of its own.
      realtime: { transport: WebSocket as never },
    })
  }

  /** A client that gets its sessions by exchanging codes, as `@supabase/ssr` makes them. */
  function pkceClient(): SupabaseClient {
    const kept = new Map<string, string>()
    const storage = {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, value: string) => void kept.set(name, value),
      removeItem: (name: string) => void kept.delete(name),
    }
    return createClient(server.url, server.publishableKey, {
      auth: { flowType: 'pkce', storage, autoRefreshToken: false, detectSessionInUrl: false },
      realtime: { transport: WebSocket as never },
    })
  }

  function newEmail(name = 'ada'): string {
    people += 1
    return `${name}.${people}@example.com`
  }

  async function signUp(data: Record<string, unknown> = {}): Promise<Person> {
    const supabase = client()
    const email = newEmail()
    const answer = await supabase.auth.signUp({ email, password, options: { data } })
    return { supabase, email, ...signedIn(answer) }
  }

  /** The same person on another device. */
  async function signIn(email: string, with_ = password): Promise<Person> {
    const supabase = client()
    const answer = await supabase.auth.signInWithPassword({ email, password: with_ })
    return { supabase, email, ...signedIn(answer) }
  }

  /** A request as curl sends it. */
  function ask(path: string, { headers, ...init }: RequestInit & { headers?: Record<string, string> } = {}) {
    const json = { apikey: server.publishableKey, 'content-type': 'application/json' }
    return fetch(`${server.url}/auth/v1${path}`, { ...init, headers: { ...json, ...headers } })
  }

  function post(path: string, body: unknown, headers: Record<string, string> = {}) {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    return ask(path, { method: 'POST', body: text, headers })
  }

  function refresh(refreshToken: string) {
    return post('/token?grant_type=refresh_token', { refresh_token: refreshToken })
  }

  return { client, pkceClient, newEmail, signUp, signIn, ask, post, refresh }
}

/** What a token says. */
export function payload(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
}

function signedIn(answer: { data: { session: Session | null; user: User | null }; error: Error | null }) {
  const { session, user } = answer.data
  if (answer.error) throw answer.error
  if (!session || !user) throw new Error('not signed in')
  return { session, user }
}
