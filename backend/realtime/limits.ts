/** Each limit that is a number: its name in the environment, default, least and most. */
const NUMBERS = {
  /** Open sockets of the whole server; one more is refused with 429. */
  maxSockets: ['REALTIME_MAX_SOCKETS', 20_000, 1, 1_000_000],
  /** Of them from one address, an IPv6 /64 being one; one more is refused with 429. */
  maxSocketsPerAddress: ['REALTIME_MAX_SOCKETS_PER_ADDRESS', 5_000, 1, 1_000_000],
  /** Sockets on which one person has joined something; a join on one more is refused. */
  maxSocketsPerPerson: ['REALTIME_MAX_SOCKETS_PER_PERSON', 100, 1, 1_000_000],
  maxChannelsPerSocket: ['REALTIME_MAX_CHANNELS_PER_SOCKET', 500, 1, 100_000],
  /** Of one socket, of one person, and of those without a name from one address; one more closes the socket. */
  maxJoinsPerSecond: ['REALTIME_MAX_JOINS_PER_SECOND', 300, 1, 1_000_000],
  /** What the open channels of a socket asked for when they were joined, tokens aside: all of it is kept. */
  maxJoinBytesPerSocket: ['REALTIME_MAX_JOIN_BYTES_PER_SOCKET', 1_048_576, 1_000, 1_000_000_000],
  /** `postgres_changes` of all channels of a socket. */
  maxBindingsPerSocket: ['REALTIME_MAX_BINDINGS_PER_SOCKET', 1_000, 1, 100_000],
  /** The same of all sockets of one person, or of those without a name from one address: each is looked at with every change. */
  maxBindingsPerPerson: ['REALTIME_MAX_BINDINGS_PER_PERSON', 1_000, 1, 1_000_000],
  /** Conditions of one person's filters that only the database can look at: each costs every change a question. */
  maxAskedConditions: ['REALTIME_MAX_ASKED_FILTERS', 20, 0, 10_000],
  /** Inbound messages of one channel; one more closes the channel. */
  maxMessagesPerSecond: ['REALTIME_MAX_MESSAGES_PER_SECOND', 100, 1, 1_000_000],
  /** Bytes that one channel may broadcast; one more closes it. */
  maxBytesPerSecond: ['REALTIME_MAX_BYTES_PER_SECOND', 1_048_576, 1_000, 1_000_000_000],
  /** The same of all channels of one person, or of those without a name from one address: leaving and joining again begins nothing anew. Bytes over REST count too. */
  maxMessagesPerPerson: ['REALTIME_MAX_MESSAGES_PER_PERSON', 500, 1, 1_000_000],
  maxBytesPerPerson: ['REALTIME_MAX_BYTES_PER_PERSON', 4_194_304, 1_000, 1_000_000_000],
  /** Frames of one socket, heartbeats, joins and pings included; one more closes it. */
  maxFramesPerSecond: ['REALTIME_MAX_FRAMES_PER_SECOND', 1_000, 10, 1_000_000],
  /** Bytes of all frames of one socket; one more closes it. */
  maxFrameBytesPerSecond: ['REALTIME_MAX_FRAME_BYTES_PER_SECOND', 10_485_760, 10_000, 1_000_000_000],
  /** Messages that one caller may send over REST. */
  maxRestMessagesPerSecond: ['REALTIME_MAX_REST_MESSAGES_PER_SECOND', 1_000, 1, 1_000_000],
  /** `track` and `untrack` calls of one channel within the window; one more closes the channel. */
  maxPresenceCalls: ['REALTIME_MAX_PRESENCE_CALLS', 5, 1, 100_000],
  presenceWindowMs: ['REALTIME_PRESENCE_WINDOW_MS', 30_000, 1_000, 3_600_000],
  maxPresenceBytes: ['REALTIME_MAX_PRESENCE_BYTES', 16_384, 100, 1_000_000],
  /** Different people and devices shown on one topic. */
  maxPresenceEntries: ['REALTIME_MAX_PRESENCE_ENTRIES', 20_000, 1, 1_000_000],
  maxTopicLength: ['REALTIME_MAX_TOPIC_LENGTH', 1_000, 10, 100_000],
  /** A larger frame closes the socket with 1009. */
  maxFrameBytes: ['REALTIME_MAX_FRAME_BYTES', 5_000_000, 1_000, 100_000_000],
  maxBroadcastBytes: ['REALTIME_MAX_BROADCAST_BYTES', 262_144, 100, 100_000_000],
  /** A larger row is announced with error 413 and without its long values. */
  maxRecordBytes: ['REALTIME_MAX_RECORD_BYTES', 1_048_576, 100, 100_000_000],
  /** Bytes a socket may have waiting; a slower reader is closed with 1013 and has to sync again. */
  maxBufferedBytes: ['REALTIME_MAX_BUFFERED_BYTES', 2_097_152, 10_000, 1_000_000_000],
  /** A socket that sends nothing for so long is closed. Clients send a heartbeat every 25 seconds. */
  idleMs: ['REALTIME_IDLE_MS', 60_000, 1_000, 3_600_000],
  /** How long a closed socket may take to say goodbye. */
  closeMs: ['REALTIME_CLOSE_MS', 2_000, 100, 60_000],
} satisfies Record<string, [name: string, standard: number, least: number, most: number]>

/** What one server lets its clients do. Defaults suit one company on one machine; zero is never "unlimited". */
export type Limits = Record<keyof typeof NUMBERS, number> & {
  /** Only private topics may be joined. */
  privateOnly: boolean
  /** Origins of other sites whose pages may connect; `*`: of any. */
  allowedOrigins: string[]
}

const names = Object.keys(NUMBERS) as (keyof typeof NUMBERS)[]

export const defaultLimits: Limits = {
  ...(Object.fromEntries(names.map((name) => [name, NUMBERS[name][1]])) as Record<
    keyof typeof NUMBERS,
    number
  >),
  privateOnly: false,
  allowedOrigins: [],
}

/** The names in the environment of the limits that are numbers. */
export const limitVariables = names.map((name) => NUMBERS[name][0])

/** Reads the limits that are numbers from the environment; `wrong` lists what cannot be used. */
export function parseLimits(env: Record<string, string | undefined>): {
  limits: Partial<Limits>
  wrong: string[]
} {
  const limits: Partial<Limits> = {}
  const wrong: string[] = []
  for (const name of names) {
    const [variable, , least, most] = NUMBERS[name]
    const text = env[variable]?.trim()
    if (!text) continue
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (value >= least && value <= most) limits[name] = value
    else wrong.push(`${variable}: must be a whole number from ${least} to ${most}`)
  }
  return { limits, wrong }
}
