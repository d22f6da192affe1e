import type { AppError } from '@/lib/errors'
import type { ChannelPage, Message, ThreadPage } from './schema'

/**
 * The loaded, gapless end of a thread. It is `behind` when a fresh page of the timeline went past changes that may have been
 * in here.
 */
export type ThreadWindow = { root: Message; rows: Message[]; hasBefore: boolean; behind?: boolean }

/** The loaded, gapless part of a channel's timeline, and how far its changes are known. */
export type ChannelWindow = {
  /** A page has arrived once: what is here may be drawn. */
  loaded: boolean
  loading: boolean
  error: AppError | null
  /** Every change up to this rev is in here. */
  cursor: number
  /** Revs beyond the cursor that arrived early: there is a hole before them. */
  ahead: readonly number[]
  rows: readonly Message[]
  hasBefore: boolean
  hasAfter: boolean
  isMember: boolean
  /** From an earlier visit, and not compared with the server yet. */
  restored: boolean
  /** Another number means another window: nothing of the one before is kept on screen. */
  epoch: number
  threads: Readonly<Record<string, ThreadWindow>>
}

export const EMPTY_WINDOW: ChannelWindow = {
  loaded: false,
  loading: false,
  error: null,
  cursor: 0,
  ahead: [],
  rows: [],
  hasBefore: false,
  hasAfter: false,
  isMember: true,
  restored: false,
  epoch: 0,
  threads: {},
}

/** A fresh window from a page. Open threads stay: they have pages of their own, which are asked for anew. */
export function openWindow(page: ChannelPage, previous: ChannelWindow = EMPTY_WINDOW): ChannelWindow {
  const ids = new Set(page.messages.map((row) => row.id))
  const overlaps = previous.rows.some((row) => ids.has(row.id))
  return {
    ...EMPTY_WINDOW,
    loaded: true,
    cursor: page.channel.head.last_rev,
    rows: page.messages,
    hasBefore: page.has_before,
    hasAfter: page.has_after,
    isMember: page.channel.is_member,
    epoch: overlaps || !previous.loaded ? previous.epoch : previous.epoch + 1,
    threads:
      page.channel.head.last_rev === previous.cursor
        ? previous.threads
        : eachThread(previous, (thread) => ({ ...thread, behind: true })),
  }
}

const eachThread = ({ threads }: ChannelWindow, change: (thread: ThreadWindow) => ThreadWindow) =>
  Object.fromEntries(Object.entries(threads).map(([rootId, thread]) => [rootId, change(thread)]))

export const threadsBehind = (window: ChannelWindow | undefined) =>
  Object.entries(window?.threads ?? {}).flatMap(([rootId, { behind }]) => (behind ? [rootId] : []))

/** Of this thread no more is to be known. */
export const settleThread = (window: ChannelWindow, rootId: string): ChannelWindow => ({
  ...window,
  threads: eachThread(window, (thread) =>
    thread.root.id === rootId ? { ...thread, behind: false } : thread,
  ),
})

/** The place of the first (or last) loaded row. */
export const edgeOf = ({ rows }: ChannelWindow, side: 'before' | 'after') =>
  rows.at(side === 'before' ? 0 : -1)?.seq

/** Adds the page that comes before (or after) what is loaded. Rows already here keep the newer rev. */
export function extendWindow(
  window: ChannelWindow,
  page: ChannelPage,
  side: 'before' | 'after',
): ChannelWindow {
  const known = new Map(window.rows.map((row) => [row.id, row]))
  const added = page.messages.filter((row) => !known.has(row.id))
  const updated = mergeRows({ ...window, hasAfter: true, hasBefore: true }, page.messages)
  return side === 'before'
    ? { ...updated, rows: [...added, ...updated.rows], hasBefore: page.has_before, hasAfter: window.hasAfter }
    : { ...updated, rows: [...updated.rows, ...added], hasAfter: page.has_after, hasBefore: window.hasBefore }
}

/** Rows that were fetched: taken where they belong, older revs ignored. The cursor does not move. */
export function mergeRows(window: ChannelWindow, rows: readonly Message[]): ChannelWindow {
  return rows.reduce(mergeRow, window)
}

/** Rows that came by themselves (live, or as the answer to a send): merged, and counted towards the cursor. */
export function applyLive(window: ChannelWindow, rows: readonly Message[]): ChannelWindow {
  if (!window.loaded) return window
  const merged = mergeRows(window, rows)
  const early = new Set([...window.ahead, ...rows.map((row) => row.rev)])
  return settle(merged, early)
}

/** What was heard while a page was on its way, on top of it. */
export function applyHeard(window: ChannelWindow, heard: readonly Message[]): ChannelWindow {
  return applyLive({ ...window, loading: false, error: null }, heard)
}

/** The answer of "what changed since my cursor". */
export function applyChanges(window: ChannelWindow, rows: readonly Message[], rev: number): ChannelWindow {
  const merged = mergeRows(window, rows)
  return settle({ ...merged, restored: false, cursor: Math.max(window.cursor, rev) }, new Set(window.ahead))
}

/** Whether a change was heard of whose predecessors are missing, or a thread may miss some. */
export function isBehind(window: ChannelWindow): boolean {
  return window.ahead.length > 0 || threadsBehind(window).length > 0
}

export function openThreadWindow(window: ChannelWindow, page: ThreadPage): ChannelWindow {
  const id = page.root.id
  const thread = { root: page.root, rows: page.messages, hasBefore: page.has_before }
  return mergeRow({ ...window, threads: { ...window.threads, [id]: thread } }, page.root)
}

/** Adds the replies before one; nothing happens to a thread that no longer begins there. */
export function extendThread(window: ChannelWindow, page: ThreadPage, before?: number): ChannelWindow {
  const thread = window.threads[page.root.id]
  if (!thread || thread.rows[0]?.thread_seq !== before) return window
  const known = new Set(thread.rows.map((row) => row.id))
  const rows = [...page.messages.filter((row) => !known.has(row.id)), ...thread.rows]
  const threads = { ...window.threads, [page.root.id]: { ...thread, rows, hasBefore: page.has_before } }
  return { ...window, threads }
}

/** Keeps the newest rows of a channel that is not on screen, so that many visited channels cost little memory. */
export function trimWindow(window: ChannelWindow, keep: number): ChannelWindow | null {
  if (!window.loaded || window.hasAfter) return null
  if (window.rows.length <= keep && Object.keys(window.threads).length === 0) return window
  const cut = window.rows.length > keep
  return { ...window, rows: window.rows.slice(-keep), hasBefore: window.hasBefore || cut, threads: {} }
}

const unconfirmed = new WeakSet<Message>()

/** Whether the row was drawn by `patchRow`: it may say what the server never said. */
export const isUnconfirmed = (row: Message) => unconfirmed.has(row)

/**
 * Draws a change before the server confirmed it. The rev stays, so the real row wins whenever it arrives. With a `rev` it is
 * drawn only on the row as it was then.
 */
export function patchRow(
  window: ChannelWindow,
  id: string,
  patch: (row: Message) => Message,
  rev?: number,
): ChannelWindow {
  const change = (row: Message) => {
    if (row.id !== id || (rev !== undefined && row.rev !== rev)) return row
    const patched = patch(row)
    unconfirmed.add(patched)
    return patched
  }
  const threads = eachThread(window, (thread) => ({
    ...thread,
    root: change(thread.root),
    rows: thread.rows.map(change),
  }))
  return { ...window, rows: window.rows.map(change), threads }
}

/** The row with this id, wherever it is loaded. */
export function findRow(window: ChannelWindow, id: string): Message | undefined {
  const inTimeline = window.rows.find((row) => row.id === id)
  if (inTimeline) return inTimeline
  for (const thread of Object.values(window.threads)) {
    const found = thread.root.id === id ? thread.root : thread.rows.find((row) => row.id === id)
    if (found) return found
  }
  return undefined
}

function settle(window: ChannelWindow, early: Set<number>): ChannelWindow {
  let cursor = window.cursor
  while (early.has(cursor + 1)) cursor++
  const ahead = [...early].filter((rev) => rev > cursor).sort((a, b) => a - b)
  return { ...window, cursor, ahead }
}

function mergeRow(window: ChannelWindow, row: Message): ChannelWindow {
  return row.thread_id ? mergeReply(window, row, row.thread_id) : mergeRoot(window, row)
}

function mergeRoot(window: ChannelWindow, row: Message): ChannelWindow {
  const rows = placeRow(window.rows, row, row.seq ?? 0, seqOf, !window.hasBefore, !window.hasAfter)
  const thread = window.threads[row.id]
  const threads =
    thread && thread.root.rev < row.rev
      ? { ...window.threads, [row.id]: { ...thread, root: row } }
      : window.threads
  return rows === window.rows && threads === window.threads ? window : { ...window, rows, threads }
}

function mergeReply(window: ChannelWindow, row: Message, rootId: string): ChannelWindow {
  const thread = window.threads[rootId]
  if (!thread) return window
  const rows = placeRow(thread.rows, row, row.thread_seq ?? 0, threadSeqOf, !thread.hasBefore, true)
  if (rows === thread.rows) return window
  return { ...window, threads: { ...window.threads, [rootId]: { ...thread, rows: [...rows] } } }
}

const seqOf = (row: Message) => row.seq ?? 0
const threadSeqOf = (row: Message) => row.thread_seq ?? 0

/** Puts a row where its number says; outside of the loaded part only where that end is known to be the end. */
function placeRow(
  rows: readonly Message[],
  row: Message,
  place: number,
  placeOf: (row: Message) => number,
  openStart: boolean,
  openEnd: boolean,
): readonly Message[] {
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (placeOf(rows[middle] as Message) < place) low = middle + 1
    else high = middle
  }
  const current = rows[low]
  if (current && placeOf(current) === place) {
    return current.rev >= row.rev ? rows : [...rows.slice(0, low), row, ...rows.slice(low + 1)]
  }
  if (low === 0 && !openStart) return rows
  if (low === rows.length && !openEnd) return rows
  return [...rows.slice(0, low), row, ...rows.slice(low)]
}
