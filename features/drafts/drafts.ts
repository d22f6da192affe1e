import { isRetryable, toAppError } from '@/lib/errors'
import { localKey } from '@/lib/local-data'
import { createStore, type Store, useStore } from '@/lib/store'
import { type Draft, type DraftRow, draftKey } from './schema'

export type DraftPorts = {
  userId: string
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>
  save(channelId: string, threadId: string | null, body: string): Promise<void>
  now?(): number
}

/** Long enough to be one write per pause in typing, short enough that another device sees it soon. */
const SYNC_MS = 1_500
const RETRY_MS = 15_000

/**
 * What is being written, per conversation and per thread. Kept in this browser with every change (localStorage, because
 * it is written before the page can go away) and brought to the server after a pause.
 */
export class Drafts {
  readonly store: Store<Readonly<Record<string, Draft>>>
  private readonly ports: DraftPorts
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>()
  private closed = false

  constructor(ports: DraftPorts) {
    this.ports = ports
    this.store = createStore(this.readAll())
  }

  body(channelId: string, threadId: string | null): string {
    return this.store.get()[draftKey(channelId, threadId)]?.body ?? ''
  }

  set(channelId: string, threadId: string | null, body: string): void {
    if (body === this.body(channelId, threadId)) return
    const key = draftKey(channelId, threadId)
    this.keep(key, { body, updated_at: new Date(this.now()).toISOString(), dirty: true })
    this.later(key, SYNC_MS)
  }

  /** A draft was written on another device. What is being typed here wins over it. */
  applyRemote(row: DraftRow): void {
    const key = draftKey(row.channel_id, row.thread_id)
    const known = this.store.get()[key]
    if (known?.dirty) return
    if (row.body === '') this.forget(key)
    else this.keep(key, { body: row.body, updated_at: row.updated_at, dirty: false })
  }

  /** All drafts of a workspace's channels as the server has them; those it no longer has were sent elsewhere. */
  applyAll(rows: readonly DraftRow[], channelIds: readonly string[]): void {
    const fresh = new Set(rows.map((row) => draftKey(row.channel_id, row.thread_id)))
    for (const row of rows) this.applyRemote(row)
    const mine = new Set(channelIds)
    for (const [key, draft] of Object.entries(this.store.get())) {
      if (draft.dirty) this.later(key, 0)
      else if (!fresh.has(key) && mine.has(key.slice(0, key.indexOf(':')))) this.forget(key)
    }
  }

  /** Another tab of this browser wrote to the storage that both share; it also brings that to the server. */
  heard(name: string | null, value: string | null): void {
    const prefix = this.name('')
    if (!name?.startsWith(prefix)) return
    const key = name.slice(prefix.length)
    const draft = parse(value)
    // What is still on its way from here is newer than what was heard.
    if (this.timers.has(key)) return
    this.store.set(({ [key]: _, ...rest }) => (draft ? { ...rest, [key]: draft } : rest))
  }

  close(): void {
    this.closed = true
    for (const timer of this.timers.values()) clearTimeout(timer)
    this.timers.clear()
  }

  private later(key: string, delay: number): void {
    clearTimeout(this.timers.get(key))
    this.timers.set(
      key,
      setTimeout(() => void this.push(key), delay),
    )
  }

  private async push(key: string): Promise<void> {
    this.timers.delete(key)
    const draft = this.store.get()[key]
    if (!draft?.dirty) return
    const [channelId = '', threadId = ''] = key.split(':')
    try {
      await this.ports.save(channelId, threadId || null, draft.body)
    } catch (reason) {
      const error = toAppError(reason)
      // What is refused stays here: it goes up when it changes, or with the next picture of the workspace.
      const later = isRetryable(error) || error.status === 401
      if (later && !this.timers.has(key)) this.later(key, RETRY_MS)
      return
    }
    const current = this.store.get()[key]
    if (current !== draft) return
    if (draft.body === '') this.forget(key)
    else this.keep(key, { ...draft, dirty: false })
  }

  private keep(key: string, draft: Draft): void {
    this.store.set((drafts) => ({ ...drafts, [key]: draft }))
    if (this.closed) return
    try {
      this.ports.storage.setItem(this.name(key), JSON.stringify(draft))
    } catch {
      // The browser's store is full or closed: the draft still lives in this page and on the server.
    }
  }

  private forget(key: string): void {
    this.store.set(({ [key]: _, ...rest }) => rest)
    this.ports.storage.removeItem(this.name(key))
  }

  private readAll(): Record<string, Draft> {
    const { storage } = this.ports
    const prefix = this.name('')
    const drafts: Record<string, Draft> = {}
    for (let i = 0; i < storage.length; i++) {
      const name = storage.key(i)
      if (!name?.startsWith(prefix)) continue
      const draft = parse(storage.getItem(name))
      if (draft) drafts[name.slice(prefix.length)] = draft
    }
    return drafts
  }

  private name(key: string): string {
    return localKey(this.ports.userId, `draft:${key}`)
  }

  private now(): number {
    return (this.ports.now ?? Date.now)()
  }
}

function parse(text: string | null): Draft | null {
  try {
    return JSON.parse(text ?? '') as Draft
  } catch {
    // Not ours, or cut off: it is as if it were not there.
    return null
  }
}

export const useDraft = (drafts: Drafts, channelId: string, threadId: string | null) =>
  useStore(drafts.store, (all) => all[draftKey(channelId, threadId)]?.body ?? '')
