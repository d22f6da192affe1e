import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** What this process measures of itself, for Prometheus. Nothing in a label comes from people. */
export const registry = new Registry()

collectDefaultMetrics({ register: registry })

const registers = [registry]
const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Requests from their first byte to the end of the answer. `service`: auth, rest …, or `site`. */
export const requestSeconds = new Histogram({
  name: 'chat_request_seconds',
  help: 'Time from a request to the end of its answer, by service and status.',
  labelNames: ['service', 'status'],
  buckets: seconds,
  registers,
})

/** Rows that were written and acknowledged: of the table `messages` this is how long a send takes. */
export const writeSeconds = new Histogram({
  name: 'chat_write_seconds',
  help: 'Time from a write over REST to its acknowledgement, by table.',
  labelNames: ['table'],
  buckets: seconds,
  registers,
})

/** Changes of rows that somebody was told of. */
export const deliverySeconds = new Histogram({
  name: 'chat_delivery_seconds',
  help: 'Time from the commit of a change until it is handed to the sockets of all who may see it, by table.',
  labelNames: ['table'],
  buckets: seconds,
  registers,
})

/** Messages handed to channels of sockets because of a change. */
export const deliveries = new Counter({
  name: 'chat_deliveries_total',
  help: 'Changes handed to sockets, each counted once for every channel that got it.',
  registers,
})

/** Refused sign-ins, wrong codes and the like. */
export const authFailures = new Counter({
  name: 'chat_auth_failures_total',
  help: 'Requests to Auth that were refused, by endpoint and status.',
  labelNames: ['endpoint', 'status'],
  registers,
})

/** A gauge that is read when somebody asks: what it shows is the sum of what is registered. */
class Sum {
  private readonly readers = new Map<() => number, string>()

  constructor(name: string, help: string, label: string | undefined) {
    const { readers } = this
    new Gauge({
      name,
      help,
      labelNames: label ? [label] : [],
      registers,
      collect() {
        this.reset()
        if (!label) this.set(0)
        for (const [read, value] of readers) {
          if (label) this.inc({ [label]: value }, read())
          else this.inc(read())
        }
      },
    })
  }

  /** Returns the function that takes it out again. */
  add(read: () => number, value = ''): () => void {
    this.readers.set(read, value)
    return () => this.readers.delete(read)
  }
}

/** Open WebSockets. */
export const sockets = new Sum('chat_sockets', 'Open WebSockets.', undefined)

/** Work that waits for its turn. */
export const waiting = new Sum('chat_queue_waiting', 'Work that waits for its turn, by queue.', 'queue')

/** Readers of the stream of changes that are connected. */
export const streams = new Sum(
  'chat_change_streams',
  'Connected readers of the stream of changes.',
  undefined,
)

/** How far behind the hand-over of changes is. */
export const changeLag = new Sum(
  'chat_change_lag_seconds',
  'Time since the commit of the change that is being handed over to sockets; 0 when none waits.',
  undefined,
)
