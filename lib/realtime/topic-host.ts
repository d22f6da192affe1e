import type { RealtimeChannel } from '@supabase/supabase-js'
import type { AppClient } from '@/lib/supabase/client'
import { keepSubscribed } from './keep-subscribed'
import type { News, PresenceState, RowChange, TopicSpec, Wish } from './tab-messages'

/** A server may close a topic that tracks more than five times in thirty seconds. */
const TRACK_EVERY_MS = 8_000

export type HostOptions = {
  client: AppClient
  /** Says what was heard: to everybody, or to the one tab that has just begun to listen. */
  tell(topic: string, news: News, to?: string): void
  /** One person is here once, whatever their tabs say. */
  merge(shown: object[]): object
}

/** The leader's side: subscribes once to what any tab wants, and tells all of them what it hears. */
export class TopicHost {
  private readonly options: HostOptions
  private readonly wishes = new Map<string, readonly Wish[]>()
  private readonly hosted = new Map<string, HostedTopic>()

  constructor(options: HostOptions) {
    this.options = options
  }

  /** All that a tab wants, in place of what it wanted before. */
  want(tab: string, wishes: readonly Wish[]): void {
    const before = new Set(this.wishes.get(tab)?.map(({ spec }) => spec.topic))
    this.wishes.set(tab, wishes)
    for (const { spec } of wishes) {
      const known = this.hosted.get(spec.topic)
      if (!known) this.hosted.set(spec.topic, new HostedTopic(spec, this.options))
      else if (!before.has(spec.topic)) known.welcome(tab)
    }
    this.settle()
  }

  serves(tab: string): boolean {
    return this.wishes.has(tab)
  }

  forget(tab: string): void {
    this.wishes.delete(tab)
    this.settle()
  }

  send(topic: string, payload: object): void {
    this.hosted.get(topic)?.send(payload)
  }

  /** Whether everything that is wanted is heard. */
  get up(): boolean {
    return [...this.hosted.values()].every((topic) => topic.up)
  }

  stop(): void {
    for (const topic of this.hosted.values()) topic.stop()
    this.hosted.clear()
    this.wishes.clear()
  }

  private settle(): void {
    const shown = new Map<string, object[]>()
    for (const { spec, shown: meta } of [...this.wishes.values()].flat()) {
      shown.set(spec.topic, [...(shown.get(spec.topic) ?? []), ...(meta ? [meta] : [])])
    }
    for (const [name, topic] of this.hosted) {
      const metas = shown.get(name)
      if (metas) {
        if (metas.length) topic.show(this.options.merge(metas))
      } else {
        topic.stop()
        this.hosted.delete(name)
      }
    }
  }
}

class HostedTopic {
  up = false
  private readonly keeper: ReturnType<typeof keepSubscribed>
  private readonly tell: (news: News, to?: string) => void
  private readonly event: string | undefined
  private presence: PresenceState | null = null
  private shown: object | null = null
  private tracked = ''
  private trackedAt = 0
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(spec: TopicSpec, { client, tell }: HostOptions) {
    this.tell = (news, to) => tell(spec.topic, news, to)
    this.event = spec.broadcast
    this.keeper = keepSubscribed({
      client,
      build: () => this.build(client, spec),
      // Joined is not yet subscribed: row changes come from the moment the server says so.
      up: () => spec.changes || this.turn(true),
      down: () => this.turn(false),
    })
  }

  welcome(tab: string): void {
    if (!this.up) return
    this.tell({ kind: 'up' }, tab)
    if (this.presence) this.tell({ kind: 'presence', state: this.presence }, tab)
  }

  send(payload: object): void {
    const channel = this.keeper.channel()
    // Before it is joined, a message would go by a request of its own: not worth it for what may get lost.
    if (this.event && channel?.state === 'joined') {
      void channel.send({ type: 'broadcast', event: this.event, payload })
    }
  }

  show(meta: object): void {
    this.shown = meta
    this.track()
  }

  stop(): void {
    clearTimeout(this.timer)
    this.keeper.stop()
  }

  private build(client: AppClient, spec: TopicSpec): RealtimeChannel {
    const presence = spec.presence ? { presence: { key: spec.presence } } : {}
    const broadcast = spec.broadcast ? { broadcast: { self: false } } : {}
    const channel = client.channel(spec.topic, {
      config: { private: spec.private ?? false, ...presence, ...broadcast },
    })
    for (const { table, filter } of spec.changes ?? []) {
      const binding = { event: '*' as const, schema: 'public', table, ...(filter ? { filter } : {}) }
      channel.on('postgres_changes', binding, (change) =>
        this.tell({ kind: 'change', change: plainChange(change as unknown as RowChange) }),
      )
    }
    if (spec.changes) {
      channel.on('system', {}, ({ extension, status }: { extension?: string; status?: string }) => {
        if (extension === 'postgres_changes' && status === 'ok') this.turn(true)
      })
    }
    if (spec.broadcast) {
      channel.on('broadcast', { event: spec.broadcast }, ({ payload, meta }) =>
        this.tell({ kind: 'broadcast', payload, meta }),
      )
    }
    if (spec.presence) {
      channel.on('presence', { event: 'sync' }, () => {
        this.presence = structuredClone(channel.presenceState()) as PresenceState
        this.tell({ kind: 'presence', state: this.presence })
      })
    }
    return channel
  }

  private turn(up: boolean): void {
    this.up = up
    this.tell({ kind: up ? 'up' : 'down' })
    if (!up) this.presence = null
    this.tracked = ''
    this.track()
  }

  private track(): void {
    clearTimeout(this.timer)
    const meta = JSON.stringify(this.shown)
    if (!this.up || !this.shown || meta === this.tracked) return
    const wait = this.tracked ? this.trackedAt + TRACK_EVERY_MS - Date.now() : 0
    if (wait > 0) {
      this.timer = setTimeout(() => this.track(), wait)
      return
    }
    this.tracked = meta
    this.trackedAt = Date.now()
    void this.keeper.channel()?.track(this.shown)
  }
}

/** Only what is used: the rest of the payload costs every tab a copy. */
const plainChange = ({ table, eventType, new: row, old, errors }: RowChange): RowChange => ({
  table,
  eventType,
  new: row,
  old,
  errors,
})
