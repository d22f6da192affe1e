import { createClient, type SupabaseClient } from '@supabase/supabase-js'
import type { Database } from './database.types'
import { fetchKeepingRetryAfter } from './fetch'

/** The client of the product's database. */
export type AppClient = SupabaseClient<Database>

let pending: Promise<AppClient> | null = null

/**
 * The one Supabase client of this page, built from `/api/config`: URL and key are known at run time only, so that one
 * image serves every installation. A failed attempt is not remembered.
 */
export function getSupabase(): Promise<AppClient> {
  pending ??= connect().catch((error: unknown) => {
    pending = null
    throw error
  })
  return pending
}

async function connect(): Promise<AppClient> {
  const response = await fetch('/api/config', { cache: 'no-store' })
  if (!response.ok) throw { message: 'The server is not ready.', status: response.status }
  const config = (await response.json()) as { supabaseUrl: string; supabaseKey: string }
  return createClient<Database>(config.supabaseUrl || window.location.origin, config.supabaseKey, {
    auth: { persistSession: true, autoRefreshToken: true, detectSessionInUrl: true },
    global: { fetch: fetchKeepingRetryAfter },
  })
}
