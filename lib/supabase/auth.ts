import type { AuthChangeEvent, Session } from '@supabase/auth-js'
import { isMissingCode, leaveStaleBuild } from '@/lib/stale-build'

type RealModule = typeof import('@supabase/auth-js')
type Real = InstanceType<RealModule['AuthClient']>
type Options = NonNullable<ConstructorParameters<RealModule['AuthClient']>[0]>
type Listener = (event: AuthChangeEvent, session: Session | null) => void | Promise<void>
type Answer = Awaited<ReturnType<Real['getSession']>>

/** Auth's own client renews a token when less than this is left. */
const MARGIN_MS = 90_000
const LONGEST_TIMER_MS = 2 ** 31 - 1

/**
 * Stands in for Auth's client in the browser, which is a tenth of all code of the first screen. Whoever is signed in
 * needs nothing of it for the better part of an hour but the session that it left in this browser. For everything else
 * (signing in and out, renewing the token, factors) the real client is loaded and takes over.
 */
export class AuthClient {
  private readonly options: Options
  private readonly listeners = new Set<Listener>()
  private readonly channel: BroadcastChannel | undefined
  /** An address that somebody was sent back to with a token or a code is the real client's to read. */
  private readonly arriving = /[#&?](access_token|code|error|error_description)=/.test(
    globalThis.location ? location.search + location.hash : '',
  )
  private real: Promise<Real> | null = null

  constructor(options: Options) {
    this.options = options
    if (options.persistSession && typeof BroadcastChannel !== 'undefined') {
      // The other tabs' clients say there when they sign out, or in as somebody else.
      this.channel = new BroadcastChannel(options.storageKey ?? '')
      this.channel.onmessage = ({ data }) => this.tell(data.event, data.session)
    }
    this.renewInTime()
    // biome-ignore lint/correctness/noConstructorReturn: everything that is not in this class is the real client's
    return new Proxy(this, {
      get: (self, name) => (name in self ? Reflect.get(self, name) : forward(() => self.load(), [], name)),
    })
  }

  /** The session of this browser; asks the real client where it has to be renewed, or where there is none. */
  async getSession(): Promise<Answer> {
    const session = this.real || this.arriving ? null : this.kept()
    if (session) return { data: { session }, error: null }
    return (await this.load()).getSession()
  }

  onAuthStateChange(callback: Listener) {
    this.listeners.add(callback)
    const first = (session: Session | null) => {
      if (this.listeners.has(callback)) void callback('INITIAL_SESSION', session)
    }
    this.getSession().then(
      ({ data }) => first(data.session),
      () => first(null),
    )
    const unsubscribe = () => void this.listeners.delete(callback)
    return { data: { subscription: { id: Symbol('subscription'), callback, unsubscribe } } }
  }

  private tell(event: AuthChangeEvent, session: Session | null): void {
    for (const listener of [...this.listeners]) void listener(event, session)
  }

  private load(): Promise<Real> {
    this.real ??= import('@supabase/auth-js/dist/main/index.js').then(
      (module) => {
        this.channel?.close()
        const real = new (module as unknown as RealModule).AuthClient(this.options)
        // What it says first to a listener was said by us already, or will be.
        real.onAuthStateChange((event, session) => {
          if (event !== 'INITIAL_SESSION') this.tell(event, session)
        })
        return real
      },
      async (error: unknown) => {
        this.real = null
        if (isMissingCode(error)) await leaveStaleBuild()
        throw error
      },
    )
    return this.real
  }

  /** The kept session while its token is good for a while. */
  private kept(): Session | null {
    const { storage = globalThis.localStorage, storageKey = '' } = this.options
    try {
      const session = JSON.parse(String(storage?.getItem(storageKey))) as Session | null
      if (!session?.access_token || !session.user || this.left(session) < MARGIN_MS) return null
      return session
    } catch {
      return null
    }
  }

  private left({ expires_at = 0 }: Session): number {
    return expires_at * 1000 - Date.now()
  }

  private renewInTime(): void {
    const session = this.options.autoRefreshToken ? this.kept() : null
    if (!session) return
    const wait = Math.min(LONGEST_TIMER_MS, this.left(session) - MARGIN_MS)
    // Where that fails, the next request tries again.
    setTimeout(() => void this.load().catch(() => {}), wait)
  }
}

/** `auth.mfa.enroll(…)` as a call on the real client, once that is there. */
function forward(load: () => Promise<object>, path: string[], name: PropertyKey): unknown {
  // Whatever is awaited is asked whether it is a promise.
  if (typeof name !== 'string' || name === 'then') return undefined
  const call = async (...args: unknown[]) => {
    let owner = (await load()) as Record<string, unknown>
    for (const step of path) owner = owner[step] as typeof owner
    return (owner[name] as (...args: unknown[]) => unknown).apply(owner, args)
  }
  return new Proxy(call, { get: (_, next) => forward(load, [...path, name], next) })
}
