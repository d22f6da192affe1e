import { createClient, type SupabaseClient } from '@supabase/supabase-js'
import { reconnectDelay } from '@/lib/realtime/backoff'
import type { Database } from './database.types'
import { fetchKeepingRetryAfter } from './fetch'

/** The client of the product's database. */
export type AppClient = SupabaseClient<Database>

/** What this installation says about itself before anybody signs in. */
export type SiteConfig = {
  supabaseUrl: string
  supabaseKey: string
  /** Whether it can send e-mail. */
  mail?: boolean
}

/** Remembers the answer, but not a failure: the next caller tries again. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let pending: Promise<T> | null = null
  return () => {
    pending ??= ask().catch((error: unknown) => {
      pending = null
      throw error
    })
    return pending
  }
}

/** `/api/config`: known at run time only, so that one image serves every installation. */
export const getConfig = once(async (): Promise<SiteConfig> => {
  const response = await fetch('/api/config', { cache: 'no-store' })
  if (!response.ok) throw { message: 'The server is not ready.', status: response.status }
  const config = (await response.json()) as SiteConfig
  return { ...config, supabaseUrl: config.supabaseUrl || window.location.origin }
})

/** The one Supabase client of this page. */
export const getSupabase = once(async (): Promise<AppClient> => {
  const { supabaseUrl, supabaseKey } = await getConfig()
  return createClient<Database>(supabaseUrl, supabaseKey, {
    auth: {
      persistSession: true,
      autoRefreshToken: true,
      detectSessionInUrl: true,
      experimental: { passkey: true },
    },
    global: { fetch: fetchKeepingRetryAfter },
    realtime: spreadReconnects(),
  })
})

/** Reconnects by what the server said when it closed the socket, which realtime-js does not pass on. */
function spreadReconnects() {
  let closedWith: number | null = null
  class WatchedSocket extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols)
      this.addEventListener('close', ({ code }) => {
        closedWith = code
      })
    }
  }
  return {
    transport: WatchedSocket,
    reconnectAfterMs: (tries: number) => reconnectDelay(tries, closedWith),
  }
}
