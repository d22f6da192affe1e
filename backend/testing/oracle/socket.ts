import WebSocket from 'ws'

export type Vsn = '1.0.0' | '2.0.0'
// biome-ignore lint/suspicious/noExplicitAny: what arrives, to be compared
export type Json = any

/** A client of the realtime protocol that does nothing by itself: what it is sent is looked at. */
export class OracleSocket {
  /** Row changes by topic, in the order of arrival. */
  readonly changes: { topic: string; ids: number[]; data: Json }[] = []
  /** The `mark` of each broadcast that has one, in the order of arrival, and when each came. */
  readonly marks: string[] = []
  readonly markedAt = new Map<string, number>()
  /** When each topic was ended by the server, in `performance.now()`. */
  readonly ended = new Map<string, number>()
  /** When and with which code the connection ended. */
  closedAt = 0
  closeCode = 0
  closed = false
  readonly gone: Promise<void>
  private readonly ws: WebSocket
  private readonly vsn: Vsn
  private readonly waiting = new Map<string, (payload: Json) => void>()
  /** Fences that were heard and not yet waited for. Those of several writers come in no order. */
  private readonly fences = new Set<number>()
  private readonly fenceWaiters = new Set<() => void>()
  private lastRef = 0

  constructor(url: string, key: string, vsn: Vsn) {
    this.vsn = vsn
    this.ws = new WebSocket(`${url.replace('http', 'ws')}/realtime/v1/websocket?apikey=${key}&vsn=${vsn}`)
    this.ws.on('message', (data: Buffer, binary: boolean) => this.read(data, binary))
    this.gone = new Promise((resolve) => {
      this.ws.on('error', () => {})
      this.ws.on('close', (code) => {
        this.closed = true
        this.closeCode = code
        this.closedAt = performance.now()
        for (const wake of this.fenceWaiters) wake()
        resolve()
      })
    })
  }

  async open(): Promise<void> {
    await new Promise((resolve, reject) => this.ws.once('open', resolve).once('error', reject))
  }

  /** Joins a topic; resolves with the ids of its bindings when row changes are on. */
  async join(topic: string, token: string, bindings: object[], isPrivate = false): Promise<number[]> {
    const ref = String(++this.lastRef)
    const reply = new Promise<Json>((resolve) => this.waiting.set(`reply ${ref}`, resolve))
    const ready =
      bindings.length > 0 ? new Promise<Json>((resolve) => this.waiting.set(`ready ${topic}`, resolve)) : null
    this.send(
      topic,
      'phx_join',
      { config: { postgres_changes: bindings, private: isPrivate }, access_token: token },
      ref,
    )
    const { status, response } = await Promise.race([
      reply,
      this.gone.then(() => ({ status: 'gone', response: null })),
    ])
    if (status !== 'ok') throw new Error(`${topic}: ${JSON.stringify(response)}`)
    const system = await Promise.race([ready, this.gone.then(() => ({ status: 'error', message: 'gone' }))])
    if (system && system.status !== 'ok') throw new Error(`${topic}: ${system.message}`)
    return response.postgres_changes.map(({ id }: { id: number }) => id)
  }

  /** Resolves when this fence was heard, or the connection has ended. */
  async reaches(fence: number): Promise<void> {
    while (!this.fences.delete(fence) && !this.closed) {
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.fenceWaiters.delete(wake)
          resolve()
        }
        this.fenceWaiters.add(wake)
      })
    }
  }

  /** Resolves when everything that was sent before has arrived, or the connection has ended. */
  async settle(): Promise<void> {
    if (this.closed) return
    const ref = String(++this.lastRef)
    const reply = new Promise((resolve) => this.waiting.set(`reply ${ref}`, resolve))
    this.send('phoenix', 'heartbeat', {}, ref)
    await Promise.race([reply, this.gone])
  }

  close(): void {
    this.ws.close()
  }

  private send(topic: string, event: string, payload: object, ref: string): void {
    const message =
      this.vsn === '2.0.0' ? [ref, ref, topic, event, payload] : { topic, event, payload, ref, join_ref: ref }
    this.ws.send(JSON.stringify(message))
  }

  private read(data: Buffer, binary: boolean): void {
    const text = data.toString()
    const fence = /"fence":\s*(\d+)/.exec(text)
    if (fence) {
      this.fences.add(Number(fence[1]))
      for (const wake of this.fenceWaiters) wake()
      return
    }
    const mark = /"mark":\s*"([^"]+)"/.exec(text)
    if (mark?.[1] && !text.includes('postgres_changes')) {
      this.marks.push(mark[1])
      this.markedAt.set(mark[1], performance.now())
    }
    if (binary) return
    const value = JSON.parse(text)
    const [, ref, topic, event, payload] = Array.isArray(value)
      ? value
      : [null, value.ref, value.topic, value.event, value.payload]
    if (event === 'postgres_changes') this.changes.push({ topic, ids: payload.ids, data: payload.data })
    else if (event === 'phx_error')
      this.wake(`ready ${topic}`, { status: 'error', message: 'the channel broke' })
    else if (event === 'phx_close') this.ended.set(topic, performance.now())
    else if (event === 'phx_reply') this.wake(`reply ${ref}`, payload)
    else if (event === 'system' && payload.extension === 'postgres_changes')
      this.wake(`ready ${topic}`, payload)
  }

  private wake(key: string, payload: Json): void {
    this.waiting.get(key)?.(payload)
    this.waiting.delete(key)
  }
}
