import { createClient, type SupabaseClient } from '@supabase/supabase-js'
import { WebSocket } from 'ws'
import type { Member } from './crowd'
import { connectDatabase } from './database'
import type { Product } from './product'

/** The official client as one person, as the browser makes it, without a session to keep. */
export function clientFor(url: string, key: string, member?: Pick<Member, 'token'>): SupabaseClient {
  return createClient(url, key, {
    accessToken: member ? async () => member.token : undefined,
    auth: member ? undefined : { persistSession: false, autoRefreshToken: false },
    realtime: { transport: WebSocket as never },
  })
}

/** The database itself, around every policy: the oracle that the tests compare with. */
export function openDatabase(product: Pick<Product, 'secrets'>) {
  return connectDatabase(product.secrets.databaseUrl, { max: 2 })
}

/** Polls until the condition gives a value. The limit is a net for a broken product, never a measurement. */
export async function eventually<T>(
  what: string,
  check: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const end = Date.now() + 60_000
  for (;;) {
    const value = await check()
    if (value !== undefined && value !== false) return value
    if (Date.now() > end) throw new Error(`did not happen within a minute: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
