import type { RealtimeClient as RealClient, RealtimeClientOptions } from '@supabase/realtime-js'
import { whenIdle } from '@/lib/idle'
import { loadPatiently } from '@/lib/lazy-part'
import { once } from '@/lib/once'

/** A page that is never idle hears of changes all the same. */
const IDLE_MS = 1_000

/**
 * Stands in for realtime's client in the browser until the first topic asks for its token, and then until the page has
 * drawn what it has: what is read comes before what is heard. Until then there is no socket and no channel, and it says so.
 */
export class RealtimeClient {
  isConnected = () => false
  isConnecting = () => false
  isDisconnecting = () => false
  private real: RealClient | null = null
  private readonly load = once(() => this.fetch())
  private readonly url: string
  private readonly options: RealtimeClientOptions

  constructor(url: string, options: RealtimeClientOptions) {
    this.url = url
    this.options = options
    // biome-ignore lint/correctness/noConstructorReturn: once it is there, everything is the real client's
    return new Proxy(this, {
      get(self, name) {
        const owner = self.real ?? self
        const value = Reflect.get(owner, name)
        return typeof value === 'function' ? value.bind(owner) : value
      },
    })
  }

  /**
   * Whoever is about to join a topic asks for this first; rejects where the real client could not be loaded. A token that
   * is told needs no client: it asks by itself.
   */
  async setAuth(token?: string | null): Promise<void> {
    if (token) return
    await (await this.load()).setAuth()
  }

  getChannels(): never[] {
    return []
  }

  async disconnect(): Promise<void> {}

  private async fetch(): Promise<RealClient> {
    await new Promise<void>((resolve) => whenIdle(resolve, IDLE_MS))
    const code = await loadPatiently(() => import('@supabase/realtime-js/dist/module/index.js'))
    this.real = new code.RealtimeClient(this.url, this.options)
    return this.real
  }
}
