import { createClient, type Session, type SupabaseClient } from '@supabase/supabase-js'
import { once } from '@/lib/once'
import { reconnectDelay } from '@/lib/realtime/backoff'
import { openInTime } from '@/lib/realtime/open-in-time'
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

async function askConfig(): Promise<SiteConfig> {
  const asked = globalThis.askedConfig
  globalThis.askedConfig = undefined
  const response = await (asked ?? fetch('/api/config', { cache: 'no-store' }))
  if (!response.ok) throw { message: 'The server is not ready.', status: response.status }
  const text = await response.text()
  keep(text)
  return complete(JSON.parse(text) as SiteConfig)
}

const complete = (config: SiteConfig): SiteConfig => ({
  ...config,
  supabaseUrl: config.supabaseUrl || window.location.origin,
})

/** What the last visit was told. It is no secret, and belongs to the device. */
const KEPT = 'config'

function keep(text: string) {
  try {
    localStorage.setItem(KEPT, text)
  } catch {
    // Without a store the next visit asks first.
  }
}

function keptConfig(): SiteConfig | null {
  try {
    const config = JSON.parse(localStorage.getItem(KEPT) ?? 'null') as SiteConfig | null
    return config?.supabaseKey ? complete(config) : null
  } catch {
    return null
  }
}

/**
 * `/api/config`: known at run time only, so that one image serves every installation. For somebody
 * who is signed in, what the last visit was told is taken at once, also without a network; it is asked for again, and a page
 * that began with another answer begins anew.
 */
export const getConfig = once(async (): Promise<SiteConfig> => {
  const kept = keptConfig()
  if (!kept || !storedSession()) return askConfig()
  const same = (a: SiteConfig, b: SiteConfig | null) =>
    a.supabaseUrl === b?.supabaseUrl && a.supabaseKey === b.supabaseKey
  askConfig().then(
    // Only where the new answer could be kept: a page that cannot keep it would begin anew for ever.
    (now) => !same(kept, now) && same(now, keptConfig()) && window.location.reload(),
    () => {},
  )
  return kept
})

/**
 * The session as it lies in this browser, to know whom to draw for before anybody is asked. It proves nothing: it may be
 * expired or ended, and the database decides what it opens.
 */
export function storedSession(): Session | null {
  const config = keptConfig()
  if (!config) return null
  try {
    const name = new URL(config.supabaseUrl).hostname.split('.')[0]
    const stored = JSON.parse(localStorage.getItem(`sb-${name}-auth-token`) ?? 'null') as Session | null
    return stored?.access_token && stored.refresh_token && stored.user?.id ? stored : null
  } catch {
    return null
  }
}

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
      openInTime(this)
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
