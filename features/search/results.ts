import { toAppError } from '@/lib/errors'
import { onWipe } from '@/lib/local-data'
import { createStore } from '@/lib/store'
import type { AppClient } from '@/lib/supabase/client'
import { searchMessages } from './queries'
import { isEmptyQuery, type SearchQuery } from './query'
import type { Cursor, Hit, HitChannel, SearchPage } from './schema'

export type Results = {
  /** Whose search, and where. */
  scope: string
  text: string
  hits: Hit[]
  channels: Record<string, HitChannel>
  next: Cursor | null
  phase: 'idle' | 'loading' | 'ready' | 'failed'
  error: unknown
  /** When it was found. */
  at: number
}

const nothing: Results = {
  scope: '',
  text: '',
  hits: [],
  channels: {},
  next: null,
  phase: 'idle',
  error: null,
  at: 0,
}

/** The search that was made last. It outlives the place where it is shown, which changes when a hit is opened. */
export const results = createStore<Results>(nothing)

/** A search that is asked for: the people of its answers go to those who know people. */
export type Asked = {
  scope: string
  text: string
  query: SearchQuery
  client: AppClient
  workspaceId: string
  people(rows: SearchPage['people']): void
}

// The database looks back for a moment and says how far it came; a page may be empty and not the last.
const EMPTY_PAGES = 20

let run = 0
let watching = false

const FRESH_MS = 60_000

const isSame = (asked: Asked) => results.get().scope === asked.scope && results.get().text === asked.text

/** It is what was searched for last, a moment ago. */
export const isFresh = (asked: Asked) =>
  isSame(asked) && results.get().phase !== 'failed' && Date.now() - results.get().at < FRESH_MS

/** Looks anew: what was found before, also for what was typed before, stays until the answer is here. */
export async function search(asked: Asked) {
  const mine = ++run
  if (!watching) onWipe(forgetResults)
  watching = true
  const { scope, text } = asked
  if (isEmptyQuery(asked.query)) return results.set({ ...nothing, scope, text })
  results.set((current) => ({
    ...(current.scope === scope ? current : nothing),
    scope,
    text,
    next: null,
    phase: 'loading',
    error: null,
  }))
  await ask(asked, mine, null)
}

/** The page after what is shown. */
export async function searchOn(asked: Asked) {
  const { next, phase } = results.get()
  if (!isSame(asked) || phase !== 'ready' || !next) return
  const mine = ++run
  results.set((current) => ({ ...current, phase: 'loading' }))
  await ask(asked, mine, next)
}

async function ask(asked: Asked, mine: number, from: Cursor | null) {
  let cursor = from
  const found: Hit[] = []
  let places: HitChannel[] = []
  try {
    for (let empty = 0; empty < EMPTY_PAGES && found.length === 0; empty++) {
      const page = await searchMessages(asked.client, asked.workspaceId, asked.query, cursor)
      if (mine !== run) return
      asked.people(page.people)
      found.push(...page.messages)
      places = page.channels
      cursor = page.next
      if (!cursor) break
    }
    results.set((current) => ({
      ...current,
      hits: from ? [...current.hits, ...found] : found,
      channels: { ...current.channels, ...Object.fromEntries(places.map((place) => [place.id, place])) },
      next: cursor,
      phase: 'ready',
      at: Date.now(),
    }))
  } catch (error) {
    if (mine === run) results.set((current) => ({ ...current, phase: 'failed', error: toAppError(error) }))
  }
}

/**
 * What was heard of messages meanwhile: a deleted hit goes. True: one reads otherwise now, and whether it is still a hit is for the
 * database to say.
 */
export function heardOf(rows: readonly Hit[]): boolean {
  const heard = new Map(rows.map((row) => [row.id, row]))
  const hits = results.get().hits
  const newer = hits.filter((hit) => (heard.get(hit.id)?.rev ?? 0) > hit.rev)
  if (newer.length === 0) return false
  results.set((current) => ({
    ...current,
    hits: current.hits
      .map((hit) => ((heard.get(hit.id)?.rev ?? 0) > hit.rev ? (heard.get(hit.id) as Hit) : hit))
      .filter((hit) => !hit.deleted_at),
  }))
  return newer.some((hit) => heard.get(hit.id)?.body !== hit.body && !heard.get(hit.id)?.deleted_at)
}

/** Nothing of it is left. */
export function forgetResults() {
  run++
  watching = false
  results.set(nothing)
}
