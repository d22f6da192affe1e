import { v7 as uuidv7 } from 'uuid'
import { type AppError, toAppError } from '@/lib/errors'
import { createStore, type Store } from '@/lib/store'
import type { Prepared } from './prepare'
import { type Attachment, MAX_FILES } from './schema'

/** A file in the composer. */
export type Waiting = {
  id: string
  attachment: Attachment
  state: 'uploading' | 'ready' | 'failed'
  /** From 0 to 1. */
  progress: number
  error: AppError | null
  /** A picture as it is on this computer, to look at before it is sent. */
  preview: string | null
}

type Body = { body: Blob; type: string; signal: AbortSignal; onProgress(share: number): void }

export type TrayPorts = {
  /** Reads, measures and cleans a file. */
  prepare(file: File): Promise<Prepared>
  create(channelId: string, attachment: Attachment): Promise<void>
  upload(channelId: string, id: string, body: Body): Promise<void>
  remove(channelId: string, attachment: Attachment): Promise<void>
  describe(id: string, alt: string): Promise<void>
  /** What was uploaded outlives a reload of the page. */
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>
  storageKey: string
}

type Job = {
  channelId: string
  file: File
  prepared: Prepared | null
  extra: Partial<Attachment>
  stop: AbortController
  /** Whether the server knows of it; absent before it is told. */
  announced?: Promise<boolean>
}

const NONE: readonly Waiting[] = []

/** At most so many at once: more would only make each of them slower. */
const PARALLEL = 3

/** Files that wait to be sent, by conversation. They are uploaded at once, so that sending is only a word. */
export class Tray {
  readonly store: Store<Readonly<Record<string, readonly Waiting[]>>>
  private readonly ports: TrayPorts
  private readonly jobs = new Map<string, Job>()
  private readonly queue: { key: string; id: string }[] = []
  private running = 0
  private written = ''
  private closed = false

  constructor(ports: TrayPorts) {
    this.ports = ports
    this.store = createStore(this.kept())
  }

  list(key: string): readonly Waiting[] {
    return this.store.get()[key] ?? NONE
  }

  isUploading(): boolean {
    return Object.values(this.store.get()).some((list) => list.some(({ state }) => state === 'uploading'))
  }

  /** Takes files in and starts uploading; what is beyond a message's number is left out, and counted in the answer. */
  add(key: string, channelId: string, files: readonly File[], extra: Partial<Attachment> = {}): number {
    const room = MAX_FILES - this.list(key).length
    const taken = files.slice(0, Math.max(0, room))
    for (const file of taken) {
      const id = uuidv7()
      const { name, type, size } = file
      this.jobs.set(id, { channelId, file, prepared: null, extra, stop: new AbortController() })
      this.change(key, (list) => [
        ...list,
        {
          ...{ id, state: 'uploading', progress: 0, error: null },
          attachment: { id, name, type, size, ...extra },
          preview: /^image\/(png|jpeg|webp|gif|avif)$/.test(type) ? URL.createObjectURL(file) : null,
        },
      ])
      this.enqueue(key, id)
    }
    return files.length - taken.length
  }

  retry(key: string, id: string): void {
    const job = this.jobs.get(id)
    if (!job) return
    job.stop = new AbortController()
    this.update(key, id, { state: 'uploading', progress: 0, error: null })
    this.enqueue(key, id)
  }

  /** What failed for want of a network goes on. */
  wake(): void {
    for (const [key, list] of Object.entries(this.store.get())) {
      for (const { id, state, error } of list) {
        if (state === 'failed' && error?.status === 0) this.retry(key, id)
      }
    }
  }

  /** Cancels or removes one. */
  remove(key: string, channelId: string, id: string): void {
    const found = this.list(key).find((waiting) => waiting.id === id)
    if (!found) return
    this.jobs.get(id)?.stop.abort()
    this.let(found)
    this.change(key, (list) => list.filter((waiting) => waiting.id !== id))
    // Nobody needs to know when it does not work: what is not sent goes away after a day.
    void this.ports.remove(channelId, found.attachment).catch(() => {})
  }

  /** Says in words what a file shows. Rejects with an AppError when the server knows the file and not the words. */
  async describe(key: string, id: string, alt: string): Promise<void> {
    const job = this.jobs.get(id)
    // One that is not announced yet takes the words along when it is.
    const known = job ? job.announced && (await job.announced) : true
    if (known) await this.ports.describe(id, alt)
    const found = this.list(key).find((waiting) => waiting.id === id)
    if (found) this.update(key, id, { attachment: { ...found.attachment, alt: alt || undefined } })
  }

  /** Hands over what a message takes along. */
  take(key: string): Attachment[] {
    const list = this.list(key)
    for (const waiting of list) this.let(waiting)
    this.change(key, () => [])
    return list.map(({ attachment }) => attachment)
  }

  /** A message comes back to be written again: so do its files. */
  restore(key: string, attachments: readonly Attachment[]): void {
    const back = attachments.map(
      (attachment): Waiting => ({
        ...{ id: attachment.id, attachment, state: 'ready', progress: 1, error: null, preview: null },
      }),
    )
    this.change(key, (list) => [...back, ...list].slice(0, MAX_FILES))
  }

  /** Writes down nothing any more: the person is signed out, or another tray takes over. */
  close(): void {
    this.closed = true
  }

  private enqueue(key: string, id: string) {
    this.queue.push({ key, id })
    this.pump()
  }

  private pump() {
    while (this.running < PARALLEL) {
      const next = this.queue.shift()
      if (!next) return
      this.running += 1
      void this.run(next.key, next.id).finally(() => {
        this.running -= 1
        this.pump()
      })
    }
  }

  private async run(key: string, id: string) {
    const job = this.jobs.get(id)
    if (!job || job.stop.signal.aborted) return
    const { signal } = job.stop
    try {
      job.prepared ??= await this.ports.prepare(job.file)
      const { body, ...facts } = job.prepared
      const attachment = { ...this.attachmentOf(key, id), ...facts, ...job.extra, id }
      signal.throwIfAborted()
      this.update(key, id, { attachment })
      const again = job.announced !== undefined
      const created = this.ports.create(job.channelId, attachment)
      job.announced = created.then(
        () => true,
        () => false,
      )
      await created
      // Announced a second time it is what it was the first time.
      if (again && attachment.alt) await this.ports.describe(id, attachment.alt)
      signal.throwIfAborted()
      const onProgress = (progress: number) => this.update(key, id, { progress })
      await this.ports.upload(job.channelId, id, { body, type: attachment.type, signal, onProgress })
      this.jobs.delete(id)
      this.update(key, id, { state: 'ready', progress: 1 })
    } catch (reason) {
      if (!signal.aborted) this.update(key, id, { state: 'failed', error: toAppError(reason) })
    }
  }

  private attachmentOf(key: string, id: string): Partial<Attachment> {
    return this.list(key).find((waiting) => waiting.id === id)?.attachment ?? {}
  }

  private let({ id, preview }: Waiting) {
    this.jobs.delete(id)
    if (preview) URL.revokeObjectURL(preview)
  }

  private update(key: string, id: string, change: Partial<Waiting>) {
    this.change(key, (list) => list.map((one) => (one.id === id ? { ...one, ...change } : one)))
  }

  private change(key: string, work: (list: readonly Waiting[]) => readonly Waiting[]) {
    this.store.set((all) => {
      const { [key]: list = NONE, ...rest } = all
      const next = work(list)
      return next.length > 0 ? { ...rest, [key]: next } : rest
    })
    this.keep()
  }

  private keep() {
    if (this.closed) return
    const ready = Object.entries(this.store.get()).map(([key, list]) => [
      key,
      list.filter(({ state }) => state === 'ready').map(({ attachment }) => attachment),
    ])
    const { storage, storageKey } = this.ports
    const text = JSON.stringify(Object.fromEntries(ready))
    if (text === this.written) return
    this.written = text
    try {
      if (ready.some(([, list]) => list?.length)) storage.setItem(storageKey, text)
      else storage.removeItem(storageKey)
    } catch {
      // Without a store they wait as long as the page does.
    }
  }

  private kept(): Record<string, readonly Waiting[]> {
    try {
      const stored = JSON.parse(this.ports.storage.getItem(this.ports.storageKey) ?? '{}') as Record<
        string,
        Attachment[]
      >
      return Object.fromEntries(
        Object.entries(stored)
          .filter(([, list]) => list.length > 0)
          .map(([key, list]) => [
            key,
            list.map((attachment) => ({
              ...{ id: attachment.id, attachment, progress: 1, error: null, preview: null },
              state: 'ready' as const,
            })),
          ]),
      )
    } catch {
      return {}
    }
  }
}
