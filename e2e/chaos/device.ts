import type { Script } from 'node:vm'
import type { OutboxEntry } from '@/features/messages/outbox-db'
import { type AppError, isRetryable } from '@/lib/errors'
import type { Member } from '../crowd'
import type { Proxy as FaultProxy } from '../proxy'
import { storedSession } from '../seat'
import { Claims } from './claims'
import type { Ledger } from './ledger'
import type { OpenPage } from './page'
import type { Act } from './plan'
import { createProfile, type Profile } from './profile'
import { openRealm, type Realm } from './realm'

type Options = {
  name: string
  member: Member
  slug: string
  channelIds: string[]
  proxy: FaultProxy
  script: Script
  ledger: Ledger
}

const EMOJI = ['👍', '🎉', '👀']
/** A token that was exchanged may be exchanged again for so long, whoever asks. */
const REUSE_MS = 10_000
/** What a person who does things in a changing world may be refused. */
const EXPECTED = new Set([
  'not_a_member',
  'channel_not_found',
  'thread_not_found',
  'message_not_found',
  'not_allowed',
])

/** One person at one computer: a page that runs the product's sync code, and a note of all that was acknowledged to it. */
export class Device {
  readonly proxy: FaultProxy
  readonly member: Member
  readonly name: string
  page: OpenPage | null = null
  /** Own messages: what was queued, and what of it was acknowledged. */
  readonly sent = new Map<string, { channelId: string; threadId: string | null; acked: boolean }>()
  readonly bodies = new Claims<string>()
  readonly deletions = new Claims<boolean>()
  readonly reactions = new Claims<boolean>()
  readonly memberships = new Claims<boolean>()
  readonly unexpected: string[] = []
  private readonly options: Options
  private readonly profile: Profile
  private realm: Realm | null = null
  /** What is under way; a page that died has nothing under way. */
  private asked = new Set<string>()
  private count = 0
  private asleep = false
  /** The answer to the last refresh came late, or not to this page: the next must not get lost, too. */
  private lostToken = false

  constructor(options: Options) {
    this.options = options
    this.proxy = options.proxy
    this.member = options.member
    this.name = options.name
    this.profile = createProfile()
    this.profile.localStorage.setItem(...storedSession(options.member, options.proxy.url))
  }

  /** Opens the page, and tries again as the product does while there is no server to start from. */
  async start(): Promise<void> {
    const realm = openRealm(this.proxy.url, this.profile, this.options.script)
    this.realm = realm
    this.asked = new Set()
    const { open } = (realm.context as { page: typeof import('./page') }).page
    const { userId } = this.member
    while (this.realm === realm) {
      const page = await open(userId, this.options.slug).catch(() => null)
      if (this.realm !== realm) return
      if (!page) {
        await new Promise((resolve) => setTimeout(resolve, 200))
        continue
      }
      this.page = page
      this.watchOutbox(page)
      for (const id of this.options.channelIds.slice(0, 2)) void page.openChannel(id)
      return
    }
  }

  /** Dies, and starts again with what it had on disk. */
  crash(): void {
    this.stop()
    this.wake()
    void this.start()
  }

  stop(): void {
    this.realm?.stop()
    this.realm = null
    this.page = null
  }

  sleep(): void {
    this.asleep = true
    this.realm?.freeze()
    this.proxy.silence('both')
  }

  wake(): void {
    if (!this.asleep) return
    this.asleep = false
    this.proxy.restore()
    this.realm?.thaw()
  }

  /** Too busy to read what comes: nothing of the page runs, and nobody reads its socket; no byte is lost. */
  stall(): void {
    this.realm?.freeze()
    this.proxy.stall()
  }

  /** Runs again; what came to be read meanwhile is read first. */
  goOn(): void {
    this.realm?.thaw()
  }

  /** With which code each socket of this page was closed. */
  closeCodes(): readonly number[] {
    return this.realm?.closeCodes ?? []
  }

  /** As it believes itself, and as its line does. */
  connected(): boolean {
    return (this.page?.live() ?? false) && this.proxy.isConnected()
  }

  /** Nothing is under way, and whatever can arrive by itself does. */
  calm(): boolean {
    const { page } = this
    if (!page || this.asked.size > 0 || !this.connected() || page.phase() !== 'ready') return false
    return page.outbox.get().every((entry) => entry.state !== 'pending')
  }

  /** In words, for a run that does not come to rest. */
  describe(): string {
    const { page } = this
    if (!page) return `${this.name}: not open`
    const waiting = page.outbox.get().filter((entry) => entry.state === 'pending')
    const entries = waiting.map(({ channel_id, attempts, retry_at, error }) =>
      JSON.stringify({ channel_id, attempts, retryInMs: retry_at && retry_at - Date.now(), error }),
    )
    return `${this.name}: ${page.phase()}, live ${page.live()}, line ${this.proxy.isConnected()}, ${[...this.asked]} under way, waiting ${entries}`
  }

  /** Does one thing, if there is something to do it with. Returns at once; the answer is noted when it comes. */
  act(act: Act, pick: number, other: number): void {
    const { page } = this
    if (!page || this.asleep) return
    const mine = this.options.channelIds.filter((id) => page.channels()[id]?.is_member)
    // The first is the busy one.
    const channelId = pick < 0.4 ? mine[0] : mine[Math.floor(((pick - 0.4) / 0.6) * mine.length)]
    if (!channelId) return
    if (act === 'send') this.send(page, channelId, null)
    else if (act === 'open') void page.openChannel(channelId)
    else if (act === 'leave') this.comeOrGo(page, other)
    else if (act === 'edit' || act === 'delete') this.change(page, act, other)
    else this.answer(page, act, channelId, pick, other)
  }

  /** An hour lies between two refreshes of a person; two in a row that get lost look like a theft (docs/decisions/0017). */
  refreshToken(): void {
    const { page } = this
    if (!page || this.asleep || this.asked.has('token')) return
    if (this.lostToken && !this.proxy.isSound()) return
    const began = performance.now()
    this.lostToken = true
    this.ask('token', null, 'refresh', async () => {
      await page.refreshToken()
      this.lostToken = performance.now() - began > REUSE_MS
    })
  }

  /** An edit or the end of one of the last own messages. */
  private change(page: OpenPage, act: 'edit' | 'delete', other: number): void {
    const own = [...this.sent].filter(([, { acked }]) => acked).slice(-20)
    const [id] = own[Math.floor(other * own.length)] ?? []
    if (!id) return
    if (act === 'delete') {
      this.ask(
        id,
        () => this.deletions.attempt(id, true),
        act,
        () => page.remove(id),
      )
    } else {
      const body = `${this.name} edits ${++this.count}`
      this.ask(
        id,
        () => this.bodies.attempt(id, body),
        act,
        () => page.edit(id, body),
      )
    }
  }

  /** What is done to a message of anybody. */
  private answer(page: OpenPage, act: Act, channelId: string, pick: number, other: number): void {
    const rows = (page.windows()[channelId]?.rows ?? []).slice(-30).filter((row) => !row.deleted_at)
    const row = rows[Math.floor(other * rows.length)]
    if (!row?.seq) return
    const { id, seq } = row
    if (act === 'reply') {
      void page.openThread(channelId, id).catch(() => {})
      this.send(page, channelId, id)
    } else if (act === 'read') {
      this.ask(`read ${channelId}`, null, act, () => page.read(channelId, seq))
    } else {
      const emoji = EMOJI[Math.floor(pick * EMOJI.length)] as string
      const on = act === 'react'
      const key = `${id} ${emoji}`
      const work = () => (on ? page.react(id, channelId, emoji) : page.unreact(id, channelId, emoji))
      this.ask(key, () => this.reactions.attempt(key, on), act, work)
    }
  }

  private send(page: OpenPage, channelId: string, threadId: string | null): void {
    const body = `${this.name} says ${++this.count}`
    const id = page.send(channelId, threadId, body)
    this.sent.set(id, { channelId, threadId, acked: false })
    this.bodies.settle(id, body)
  }

  /** Leaves a public channel, or joins it again. */
  private comeOrGo(page: OpenPage, other: number): void {
    const open = this.options.channelIds.slice(2)
    const id = open[Math.floor(other * open.length)] as string
    const inside = page.channels()[id]?.is_member ?? false
    const work = () => (inside ? page.leave(id) : page.join(id))
    this.ask(id, () => this.memberships.attempt(id, !inside), inside ? 'leave' : 'join', work)
  }

  /**
   * Notes the answer before anything else happens; what is never answered stays in doubt. One thing at a time is asked
   * under one key: of two at once nobody could say which came last.
   */
  private ask(
    key: string,
    attempt: (() => ReturnType<Claims<unknown>['attempt']>) | null,
    kind: string,
    work: () => Promise<unknown>,
  ): void {
    const { asked } = this
    if (asked.has(key)) return
    asked.add(key)
    const claim = attempt?.()
    work().then(
      () => {
        this.options.ledger.write({ kind, key, by: this.name })
        claim?.acked()
        asked.delete(key)
      },
      (error: AppError) => {
        if (!isRetryable(error)) {
          claim?.refused()
          if (!EXPECTED.has(error.code))
            this.unexpected.push(`${this.name} ${kind}: ${JSON.stringify(error)}`)
        }
        asked.delete(key)
      },
    )
  }

  private watchOutbox(page: OpenPage): void {
    const waiting = new Set<string>()
    const look = () => {
      const entries: readonly OutboxEntry[] = page.outbox.get()
      const here = new Set(entries.map((entry) => entry.id))
      for (const entry of entries) {
        if (!waiting.has(entry.id)) waiting.add(entry.id)
        if (entry.state === 'failed' && !EXPECTED.has(entry.error?.code ?? '')) {
          this.unexpected.push(`${this.name} send: ${JSON.stringify(entry.error)}`)
        }
      }
      for (const id of waiting) {
        if (here.has(id)) continue
        waiting.delete(id)
        const sent = this.sent.get(id)
        if (!sent) continue
        this.options.ledger.write({ kind: 'send', id })
        sent.acked = true
      }
    }
    page.outbox.subscribe(look)
    look()
  }
}
