import { Console } from 'node:console'
import { PassThrough } from 'node:stream'
import { createContext, type Script } from 'node:vm'
import * as fakeIndexedDb from 'fake-indexeddb'
import { WebSocket } from 'ws'
import { createStorage, type Profile } from './profile'

/** What a page finds in every browser and what holds nothing of its own. */
const SHARED = {
  // What a page complains about while its lines break is no news.
  console: new Console(new PassThrough().resume()),
  AbortController,
  AbortSignal,
  ArrayBuffer,
  Blob,
  DOMException,
  DataView,
  Event,
  EventTarget,
  FormData,
  Headers,
  MessageEvent,
  Request,
  Response,
  TextDecoder,
  TextEncoder,
  URL,
  URLSearchParams,
  Uint8Array,
  atob,
  btoa,
  crypto,
  performance,
  queueMicrotask,
  structuredClone,
}

/**
 * A page without a screen: the product's own code in a context of its own, with the network, the clock and the storage
 * of a browser. `stop` is a crash: from one moment to the next nothing of it runs, and its connections break.
 */
export function openRealm(origin: string, profile: Profile, script: Script) {
  const page = {}
  const timers = new Map<number, { stop(): void }>()
  const sockets = new Set<WebSocket>()
  const closeCodes: number[] = []
  const requests = new Set<AbortController>()
  const dead = new AbortController()
  let frozen: (() => void)[] | null = null
  let nextTimer = 1

  /** Runs now, or when the lid is opened again. */
  const whenAwake = (work: () => void) => {
    if (dead.signal.aborted) return
    if (frozen) frozen.push(work)
    else work()
  }

  const keepTimer = (make: (id: number) => { stop(): void }) => {
    const id = nextTimer++
    if (!dead.signal.aborted) timers.set(id, make(id))
    return id
  }
  const clear = (id: number) => {
    timers.get(id)?.stop()
    timers.delete(id)
  }

  class PageSocket extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols)
      if (dead.signal.aborted) this.terminate()
      sockets.add(this)
      this.on('close', (code) => {
        sockets.delete(this)
        closeCodes.push(code)
      })
      // Without a listener it would end the process.
      this.on('error', () => {})
    }
    override emit(event: string | symbol, ...args: unknown[]): boolean {
      if (dead.signal.aborted) return false
      if (!frozen) return super.emit(event, ...args)
      frozen.push(() => super.emit(event, ...args))
      return true
    }
  }

  class PageBroadcast extends EventTarget {
    onmessage: ((event: MessageEvent) => void) | null = null
    private readonly listeners: Set<(data: unknown) => void>
    private readonly receive = (data: unknown) =>
      whenAwake(() => {
        const event = new MessageEvent('message', { data })
        this.onmessage?.(event)
        this.dispatchEvent(event)
      })
    constructor(name: string) {
      super()
      this.listeners = profile.broadcasts.get(name) ?? new Set()
      profile.broadcasts.set(name, this.listeners.add(this.receive))
    }
    postMessage(data: unknown) {
      for (const listener of this.listeners) {
        if (listener !== this.receive) setImmediate(listener, structuredClone(data))
      }
    }
    close() {
      this.listeners.delete(this.receive)
    }
  }

  const fetchHere: typeof fetch = (input, init = {}) =>
    new Promise((resolve, reject) => {
      if (dead.signal.aborted) return
      // Not a `Request` in between: it is collected while it waits, and then the page's signal ends nothing.
      const end = new AbortController()
      const { signal } = init
      const abort = () => {
        end.abort(signal?.reason)
        whenAwake(() => reject(signal?.reason))
      }
      if (signal?.aborted) abort()
      signal?.addEventListener('abort', abort, { once: true })
      requests.add(end)
      fetchWhole(new URL(String(input), origin), { ...init, signal: end.signal })
        .then(
          (response) => whenAwake(() => resolve(response)),
          (error) => whenAwake(() => reject(error)),
        )
        .finally(() => requests.delete(end))
    })

  const target = new EventTarget()
  const events = {
    addEventListener: target.addEventListener.bind(target),
    removeEventListener: target.removeEventListener.bind(target),
    dispatchEvent: target.dispatchEvent.bind(target),
  }
  const globals: Record<string, unknown> = {
    ...SHARED,
    ...Object.fromEntries(Object.entries(fakeIndexedDb).filter(([name]) => name.startsWith('IDB'))),
    ...events,
    indexedDB: profile.indexedDB,
    localStorage: profile.localStorage,
    sessionStorage: createStorage(),
    location: new URL(origin),
    navigator: { locks: profile.locks.of(page), onLine: true, language: 'en', userAgent: 'chaos' },
    document: { ...events, visibilityState: 'visible', hidden: false },
    fetch: fetchHere,
    WebSocket: PageSocket,
    BroadcastChannel: PageBroadcast,
    setTimeout: (work: (...args: unknown[]) => void, wait?: number, ...args: unknown[]) =>
      keepTimer((id) => {
        const timer = setTimeout(() => {
          timers.delete(id)
          whenAwake(() => work(...args))
        }, wait)
        return { stop: () => clearTimeout(timer) }
      }),
    setInterval: (work: (...args: unknown[]) => void, wait?: number, ...args: unknown[]) =>
      keepTimer(() => {
        const timer = setInterval(() => {
          // However long the lid was closed, it ticks once when it opens.
          if (!frozen) whenAwake(() => work(...args))
        }, wait)
        return { stop: () => clearInterval(timer) }
      }),
    clearTimeout: clear,
    clearInterval: clear,
  }
  globals.window = globals
  globals.self = globals
  const context = createContext(globals)
  context.window = context
  context.self = context
  script.runInContext(context)

  return {
    context,
    /** With which code each of its sockets was closed, as the page was told. */
    closeCodes,
    /** Nothing of the page runs until `thaw`; what happens meanwhile happens to it then. */
    freeze() {
      frozen ??= []
    },
    thaw() {
      const missed = frozen ?? []
      frozen = null
      for (const work of missed) whenAwake(work)
    },
    stop() {
      dead.abort()
      for (const timer of timers.values()) timer.stop()
      for (const request of requests) request.abort()
      for (const socket of sockets) socket.terminate()
      profile.locks.forget(page)
    },
  }
}

export type Realm = ReturnType<typeof openRealm>

/** With its body: whoever waits for that is told of an abort as well. */
async function fetchWhole(url: URL, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init)
  const body = await response.arrayBuffer()
  return new Response(body.byteLength > 0 ? body : null, response)
}
