/** A topic as it is subscribed to: plain data, so that any tab can ask another for it. */
export type TopicSpec = {
  topic: string
  private?: boolean
  /** Row changes of these tables. */
  changes?: { table: string; filter?: string }[]
  /** Broadcasts of this event. */
  broadcast?: string
  /** Who is here, shown under this key. */
  presence?: string
}

export type RowChange = {
  table: string
  eventType: 'INSERT' | 'UPDATE' | 'DELETE'
  new: Record<string, unknown>
  old: Record<string, unknown>
  /** The row is too large for the wire, or could not be checked. */
  errors: string[] | null
}

export type PresenceState = Record<string, { state?: unknown }[]>

/** What is heard on a topic. `up`: subscribed from now on, so whatever came before has to be asked for. */
export type News =
  | { kind: 'up' }
  | { kind: 'down' }
  | { kind: 'change'; change: RowChange }
  | { kind: 'broadcast'; payload: object; meta?: object }
  | { kind: 'presence'; state: PresenceState }

/** A topic that a tab wants to hear, and what it shows of itself there. */
export type Wish = { spec: TopicSpec; shown: object | null }

/** What tabs say to each other. */
export type TabMessage =
  /** I lead from now on: tell me what you want. */
  | { kind: 'lead'; from: string }
  /** All that I want, in place of what I wanted before. */
  | { kind: 'want'; from: string; wishes: Wish[] }
  | { kind: 'send'; from: string; topic: string; payload: object }
  | { kind: 'told'; from: string; to?: string; topic: string; news: News }
  | { kind: 'ping'; from: string }
  /** `fit`: what arrives at the leader is passed on without delay. */
  | { kind: 'pong'; from: string; to: string; fit: boolean }
