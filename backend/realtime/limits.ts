/** What one server lets its clients do. Defaults suit one company on one machine; zero is never "unlimited". */
export type Limits = {
  /** Open sockets of the whole server; one more is refused with 429. */
  maxSockets: number
  maxChannelsPerSocket: number
  /** One more closes the socket, as upstream does. */
  maxJoinsPerSecond: number
  /** `postgres_changes` of all channels of a socket. */
  maxBindingsPerSocket: number
  /** Conditions of one person's filters that only the database can look at: each costs every change a question. */
  maxAskedConditions: number
  /** Inbound messages of one channel; one more closes the channel. */
  maxMessagesPerSecond: number
  /** Bytes that one channel may broadcast; one more closes it. */
  maxBytesPerSecond: number
  /** `track` and `untrack` calls of one channel. */
  maxPresencePerSecond: number
  maxPresenceBytes: number
  /** Different people and devices shown on one topic. */
  maxPresenceEntries: number
  maxTopicLength: number
  /** A larger frame closes the socket with 1009. */
  maxFrameBytes: number
  maxBroadcastBytes: number
  /** A larger row is announced with error 413 and without its long values. */
  maxRecordBytes: number
  /** Bytes a socket may have waiting; a slower reader is closed with 1013 and has to sync again. */
  maxBufferedBytes: number
  /** A socket that sends nothing for so long is closed. Clients send a heartbeat every 25 seconds. */
  idleMs: number
  /** How long a closed socket may take to say goodbye. */
  closeMs: number
  /** Only private topics may be joined. */
  privateOnly: boolean
  /** Origins that browsers may connect from; null: any, since a socket carries no cookie and needs a key. */
  allowedOrigins: string[] | null
}

export const defaultLimits: Limits = {
  maxSockets: 20_000,
  maxChannelsPerSocket: 500,
  maxJoinsPerSecond: 300,
  maxBindingsPerSocket: 1_000,
  maxAskedConditions: 20,
  maxMessagesPerSecond: 500,
  maxBytesPerSecond: 1_048_576,
  maxPresencePerSecond: 20,
  maxPresenceBytes: 16_384,
  maxPresenceEntries: 20_000,
  maxTopicLength: 1_000,
  maxFrameBytes: 5_000_000,
  maxBroadcastBytes: 262_144,
  maxRecordBytes: 1_048_576,
  maxBufferedBytes: 2_097_152,
  idleMs: 60_000,
  closeMs: 2_000,
  privateOnly: false,
  allowedOrigins: null,
}

/** Counts events, or what they amount to, within the current second. */
export class Rate {
  private second = 0
  private count = 0
  private readonly max: number

  constructor(max: number) {
    this.max = max
  }

  /** Whether this much still fits. */
  take(amount = 1, now = Date.now()): boolean {
    const second = Math.floor(now / 1000)
    if (second !== this.second) {
      this.second = second
      this.count = 0
    }
    this.count += amount
    return this.count <= this.max
  }
}
