import { v7 as uuidv7 } from 'uuid'
import type { AppClient } from '@/lib/supabase/client'
import { seekLeadership } from './leadership'
import { keepConnected, probe } from './probe'
import type { News, TabMessage, TopicSpec, Wish } from './tab-messages'
import { TopicHost } from './topic-host'

/** How often a visible tab asks whether its leader still does its work, and how long that may take to answer. */
const PING_MS = 5_000
const PONG_MS = 2_000
/** A browser slows the timers of a page that is hidden for long, and in the end stops it. */
const HIDDEN_MS = 4 * 60_000
/** How long a tab that lost the lead keeps its socket, so that the person is here without a break. */
const HANDOVER_MS = 5_000

type Options = {
  client: AppClient
  /** The tabs of one name share a socket. */
  name: string
  merge(shown: object[]): object
}

export type SharedTopic = {
  send(payload: object): void
  /** What others see of me where the topic has presence. */
  show(meta: object): void
  close(): void
}

/**
 * Topics of realtime that all tabs of a browser hear over one socket. One tab leads: it holds the socket and tells the
 * others what arrives. Events are hints, as everywhere: after every change of the lead each topic says `up` again, and
 * whoever listens asks the database for what came before. Where the browser has no Web Locks (a plain-HTTP address),
 * every tab leads itself. Why not a SharedWorker: docs/decisions/0010-one-socket-per-browser.md
 */
export class SharedTopics {
  private readonly id = uuidv7()
  private readonly options: Options
  private readonly listeners = new Map<string, { wish: Wish; hear: Set<(news: News) => void>; up: boolean }>()
  private channel: BroadcastChannel | null = null
  private leader: string | null = null
  private host: TopicHost | null = null
  /** The lead was taken: its socket closes once the new leader hears everything. */
  private retiring: (() => void) | null = null
  private leadership: ReturnType<typeof seekLeadership> | null = null
  private releaseTab = () => {}
  private hiddenSince: number | null = null
  private timer: ReturnType<typeof setInterval> | undefined
  private waiting: ReturnType<typeof setTimeout> | undefined

  constructor(options: Options) {
    this.options = options
    document.addEventListener('visibilitychange', this.visibility)
    // A page in the back/forward cache must not hold the lead, nor may a socket keep it out of there.
    window.addEventListener('pagehide', this.pause)
    window.addEventListener('pageshow', this.resume)
    this.resume()
  }

  /** Listens to a topic. `hear` gets `up` each time it is subscribed (again). */
  open(spec: TopicSpec, hear: (news: News) => void): SharedTopic {
    const { topic } = spec
    const entry = this.listeners.get(topic) ?? { wish: { spec, shown: null }, hear: new Set(), up: false }
    entry.hear.add(hear)
    this.listeners.set(topic, entry)
    if (entry.hear.size === 1) this.want()
    else if (entry.up) queueMicrotask(() => hear({ kind: 'up' }))
    return {
      send: (payload) => this.send(topic, payload),
      show: (meta) => {
        entry.wish = { spec, shown: meta }
        this.want()
      },
      close: () => {
        if (!entry.hear.delete(hear) || entry.hear.size) return
        this.listeners.delete(topic)
        this.want()
      },
    }
  }

  /** Something happened that a socket may not have survived: looks whether it still answers. */
  probe(): void {
    if (this.host) void probe(this.options.client)
    else this.check()
  }

  stop(): void {
    document.removeEventListener('visibilitychange', this.visibility)
    window.removeEventListener('pagehide', this.pause)
    window.removeEventListener('pageshow', this.resume)
    this.listeners.clear()
    this.pause()
  }

  private readonly resume = () => {
    if (this.leadership || this.host) return
    if (!navigator.locks || typeof BroadcastChannel === 'undefined') return void this.lead()
    this.channel = new BroadcastChannel(`realtime:${this.options.name}`)
    this.channel.onmessage = ({ data }: MessageEvent<TabMessage>) => this.receive(data)
    this.visibility()
    this.timer = setInterval(() => this.check(), PING_MS)
    // Held as long as this tab lives: its release tells the leader, whatever the tab died of.
    const gone = new Promise<void>((resolve) => {
      this.releaseTab = resolve
    })
    void navigator.locks.request(this.tabLock(this.id), () => {
      this.want()
      return gone
    })
    this.leadership = seekLeadership(`realtime:${this.options.name}`, () => this.lead())
  }

  private readonly pause = () => {
    clearInterval(this.timer)
    clearTimeout(this.waiting)
    this.leadership?.stop()
    this.leadership = null
    this.retiring?.()
    this.endHost()
    this.releaseTab()
    this.channel?.close()
    this.channel = null
    this.leader = null
    this.allDown()
  }

  private readonly visibility = () => {
    this.hiddenSince = document.visibilityState === 'visible' ? null : (this.hiddenSince ?? Date.now())
    if (this.hiddenSince === null) this.check()
  }

  private lead(): (taken: boolean) => void {
    this.retiring?.()
    clearTimeout(this.waiting)
    const host = new TopicHost({
      client: this.options.client,
      merge: this.options.merge,
      tell: (topic, news, to) => this.host === host && this.tell(topic, news, to),
    })
    this.host = host
    this.leader = this.id
    this.allDown()
    this.post({ kind: 'lead', from: this.id })
    host.want(this.id, this.wishes())
    const letGo = keepConnected(this.options.client)
    return (taken) => {
      letGo()
      if (this.host !== host) return
      if (taken) this.retire(host)
      else this.endHost()
    }
  }

  /** Another tab leads now. The socket here stays until that one hears, or does not manage to. */
  private retire(host: TopicHost): void {
    this.host = null
    const timer = setTimeout(() => this.retiring?.(), HANDOVER_MS)
    this.retiring = () => {
      clearTimeout(timer)
      this.retiring = null
      host.stop()
      if (!this.host) void this.options.client.realtime.disconnect()
    }
  }

  private endHost(): void {
    if (!this.host) return
    this.host.stop()
    this.host = null
    void this.options.client.realtime.disconnect()
  }

  private receive(message: TabMessage): void {
    if (message.kind === 'lead') {
      this.follow(message.from)
      this.want()
    } else if (message.kind === 'want') this.serve(message.from, message.wishes)
    else if (message.kind === 'send') this.host?.send(message.topic, message.payload)
    else if (message.kind === 'ping') {
      if (this.host) this.post({ kind: 'pong', from: this.id, to: message.from, fit: this.fit() })
    } else if (message.kind === 'pong') {
      if (message.to !== this.id || this.host) return
      clearTimeout(this.waiting)
      if (!message.fit) this.leadership?.steal()
    } else if (!this.host && (!message.to || message.to === this.id)) {
      if (!this.leader) this.follow(message.from)
      // Whoever lost the lead may not have noticed yet.
      if (message.from !== this.leader) return
      if (message.news.kind === 'up') this.retiring?.()
      this.hear(message.topic, message.news)
    }
  }

  /** Serves a tab until its lock comes free. */
  private serve(tab: string, wishes: Wish[]): void {
    const { host } = this
    if (!host) return
    if (!host.serves(tab)) {
      void navigator.locks.request(this.tabLock(tab), () => host.forget(tab))
    }
    host.want(tab, wishes)
  }

  private follow(leader: string): void {
    clearTimeout(this.waiting)
    if (this.leader === leader) return
    this.leader = leader
    this.allDown()
  }

  /** Asks the leader for a sign of life; without one, or when it cannot do its work where it is, this tab leads. */
  private check(): void {
    if (this.host || !this.leadership || this.hiddenSince !== null) return
    clearTimeout(this.waiting)
    this.waiting = setTimeout(() => this.leadership?.steal(), PONG_MS)
    this.post({ kind: 'ping', from: this.id })
  }

  private fit(): boolean {
    return this.hiddenSince === null || (this.host?.up === true && Date.now() - this.hiddenSince < HIDDEN_MS)
  }

  private want(): void {
    if (this.host) this.host.want(this.id, this.wishes())
    else this.post({ kind: 'want', from: this.id, wishes: this.wishes() })
  }

  private wishes(): Wish[] {
    return [...this.listeners.values()].map(({ wish }) => wish)
  }

  private send(topic: string, payload: object): void {
    if (this.host) this.host.send(topic, payload)
    else this.post({ kind: 'send', from: this.id, topic, payload })
  }

  private tell(topic: string, news: News, to?: string): void {
    if (to !== this.id) this.post({ kind: 'told', from: this.id, topic, news, ...(to ? { to } : {}) })
    if (!to || to === this.id) this.hear(topic, news)
  }

  private hear(topic: string, news: News): void {
    const entry = this.listeners.get(topic)
    if (!entry) return
    if (news.kind === 'up') entry.up = true
    if (news.kind === 'down') {
      if (!entry.up) return
      entry.up = false
    }
    for (const hear of [...entry.hear]) hear(news)
  }

  private allDown(): void {
    for (const topic of this.listeners.keys()) this.hear(topic, { kind: 'down' })
  }

  private post(message: TabMessage): void {
    this.channel?.postMessage(message)
  }

  private tabLock(tab: string): string {
    return `realtime:${this.options.name}:${tab}`
  }
}
