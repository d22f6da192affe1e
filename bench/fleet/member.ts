import { type OnText, RawSocket } from '../raw-socket'

/** Where a fleet connects to: the product, or the relay that is its line. */
export type Target = { product: { url: string; key: string } } | { relay: number }

/**
 * Somebody with one open socket. `groups` are the channels whose messages they have to get. With a `workspaceId` they are
 * there to be seen; without one, to hear changes.
 */
export type MemberSpec = { userId: string; token: string; groups: string[]; workspaceId?: string }

export type Answer = { status?: string; message?: string }

/** realtime-js joins again when an answer takes longer. */
const JOIN_TIMEOUT_MS = 10_000

/** One socket of a fleet and the topic it joined. */
export class Member {
  readonly spec: MemberSpec
  readonly index: number
  readonly target: Target
  /** Hears every frame that is not the answer to a join. */
  onText: OnText = () => {}
  onClose: () => void = () => {}
  private raw: RawSocket | null = null
  private ref = 0
  private joinRef: string | null = null

  constructor(spec: MemberSpec, index: number, target: Target) {
    this.spec = spec
    this.index = index
    this.target = target
  }

  async connect(): Promise<void> {
    this.raw = await RawSocket.connect(this.address(), this.index)
    this.listen()
  }

  push(topic: string, event: string, payload: object): void {
    this.raw?.send(JSON.stringify([this.joinRef, String(++this.ref), topic, event, payload]))
  }

  heartbeat(): void {
    this.raw?.send(`[null,"${++this.ref}","phoenix","heartbeat",{}]`)
  }

  close(): void {
    this.raw?.destroy()
    this.raw = null
  }

  /**
   * Joins a topic. `done` looks at what arrives until it knows that the join has succeeded (true) or failed; a refusal
   * fails by itself. False: the server failed or did not answer in time, as clients see it, and nothing is joined.
   */
  join(
    topic: string,
    payload: object,
    done: (event: string, payload: Answer) => true | Error | undefined,
  ): Promise<boolean> {
    const { raw } = this
    if (!raw) return Promise.reject(new Error('not connected'))
    const ref = String(++this.ref)
    this.joinRef = ref
    return new Promise((resolve, reject) => {
      const end = (result: boolean | Error) => {
        clearTimeout(timer)
        this.listen()
        if (result instanceof Error) reject(result)
        else resolve(result)
      }
      const timer = setTimeout(() => {
        this.push(topic, 'phx_leave', {})
        end(false)
      }, JOIN_TIMEOUT_MS)
      raw.onClose = () => end(new Error('closed before the join was answered'))
      raw.onText = (bytes, start, until) => {
        const message = JSON.parse(bytes.toString('utf8', start, until)) as unknown[]
        const [joinRef, , on, event, answer] = message as [string | null, string, string, string, Answer]
        if (on !== topic || (joinRef !== null && joinRef !== ref)) return
        // Something failed on the server: clients join again.
        if (event === 'phx_error') return end(false)
        const refused = event === 'phx_reply' && answer.status === 'error'
        const known = refused ? new Error(JSON.stringify(answer)) : done(event, answer)
        if (known !== undefined) end(known)
      }
      this.raw?.send(JSON.stringify([ref, ref, topic, 'phx_join', payload]))
    })
  }

  private listen(): void {
    const { raw } = this
    if (!raw) return
    raw.onText = (bytes, start, end) => this.onText(bytes, start, end)
    raw.onClose = () => this.onClose()
  }

  private address(): string {
    const { target, spec } = this
    if ('relay' in target) return `ws://127.0.0.1:${target.relay}/hear/${spec.groups.join('/')}`
    const { url, key } = target.product
    return `${url.replace(/^http/, 'ws')}/realtime/v1/websocket?apikey=${key}&vsn=2.0.0`
  }
}
