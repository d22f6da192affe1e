import { createClient } from '@supabase/supabase-js'
import { type AppClient, getConfig } from './client'
import type { Database } from './database.types'
import { fetchKeepingRetryAfter } from './fetch'

/** What has to outlive the way to the provider and back stays in this tab; nothing else is kept. */
function tabStorage() {
  const memory = new Map<string, string>()
  const kept = (key: string) => key.endsWith('-code-verifier')
  return {
    getItem: (key: string) => (kept(key) ? sessionStorage.getItem(key) : (memory.get(key) ?? null)),
    setItem(key: string, value: string) {
      if (kept(key)) sessionStorage.setItem(key, value)
      else memory.set(key, value)
    },
    removeItem(key: string) {
      if (kept(key)) sessionStorage.removeItem(key)
      else memory.delete(key)
    },
  }
}

/**
 * A client for sign-ins that leave this site. It uses PKCE: what comes back is a code that only the tab that began can
 * exchange, so a link that somebody else prepared signs nobody in. Mails need the other kind: they may be opened elsewhere.
 */
export async function createRedirectClient(): Promise<AppClient> {
  const { supabaseUrl, supabaseKey } = await getConfig()
  return createClient<Database>(supabaseUrl, supabaseKey, {
    auth: {
      flowType: 'pkce',
      detectSessionInUrl: false,
      autoRefreshToken: false,
      storageKey: 'enterprise-chat:redirect',
      storage: tabStorage(),
    },
    global: { fetch: fetchKeepingRetryAfter },
  })
}
