import { beforeEach, expect, test } from 'vitest'
import type { AppClient } from '@/lib/supabase/client'
import { parseQuery } from './query'
import { type Asked, forgetResults, heardOf, isFresh, results, search, searchOn } from './results'
import type { Hit, SearchPage } from './schema'

const hit = (id: string, more: Partial<Hit> = {}): Hit => ({
  id,
  channel_id: 'general',
  user_id: 'ada',
  thread_id: null,
  rev: 1,
  body: `message ${id}`,
  attachments: [],
  created_at: '2026-03-01T10:00:00.123456+00:00',
  edited_at: null,
  deleted_at: null,
  ...more,
})
const page = (ids: string[], next: SearchPage['next'] = null): SearchPage => ({
  messages: ids.map((id) => hit(id)),
  people: [{ id: 'ada' }],
  channels: [{ id: 'general', name: 'general', kind: 'public', archived_at: null }],
  next,
})

type Answer = SearchPage | Error
const calls: Record<string, unknown>[] = []
/** A server that gives these answers, one after the other; `hold` lets the test say when. */
function asked(text: string, answers: Answer[], hold?: Promise<unknown>): Asked {
  const rpc = async (_name: string, args: Record<string, unknown>) => {
    calls.push(args)
    const answer = answers.shift()
    await hold
    return answer instanceof Error
      ? { data: null, error: answer, status: 0 }
      : { data: answer, error: null, status: 200 }
  }
  return {
    scope: 'ada acme',
    text,
    query: parseQuery(text, { handle: 'ada', now: new Date() }),
    client: { rpc } as unknown as AppClient,
    workspaceId: 'acme',
    people: () => {},
  }
}
const ids = () => results.get().hits.map(({ id }) => id)
const next = { before_at: '2026-03-01T10:00:00.123456+00:00', before_id: 'b' }

beforeEach(() => {
  forgetResults()
  calls.length = 0
})

test('pages follow each other by the cursor that the server gave', async () => {
  const plan = asked('plan', [page(['a', 'b'], next), page(['c'])])
  await search(plan)
  expect(ids()).toEqual(['a', 'b'])
  await searchOn(plan)
  expect(ids()).toEqual(['a', 'b', 'c'])
  expect(calls[1]).toMatchObject(next)
  await searchOn(plan)
  expect(calls).toHaveLength(2)
  expect(isFresh(plan)).toBe(true)
})

test('an empty page that is not the last is gone on from', async () => {
  await search(asked('plan', [page([], next), page([], next), page(['a'])]))
  expect(ids()).toEqual(['a'])
  expect(results.get().next).toBeNull()
})

test('an answer to what was asked before is thrown away', async () => {
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const slow = search(asked('pla', [page(['old'])], held))
  await search(asked('plan', [page(['new'])]))
  release()
  await slow
  expect(ids()).toEqual(['new'])
})

test('nothing is asked for nothing', async () => {
  await search(asked('from:', []))
  expect(calls).toHaveLength(0)
  expect(results.get()).toMatchObject({ phase: 'idle', hits: [] })
})

test('a failure says why, keeps what was found, and is not fresh', async () => {
  await search(asked('plan', [page(['a'])]))
  const again = asked('plan', [new Error('Failed to fetch')])
  await search(again)
  expect(results.get()).toMatchObject({ phase: 'failed', error: { code: 'network' } })
  expect(ids()).toEqual(['a'])
  expect(isFresh(again)).toBe(false)
})

test('what is heard of hits changes them', async () => {
  await search(asked('plan', [page(['a', 'b', 'c'])]))
  expect(heardOf([hit('x', { rev: 9 }), hit('a', { rev: 1, body: 'old news' })])).toBe(false)
  expect(heardOf([hit('a', { rev: 2, body: '', deleted_at: 'now' })])).toBe(false)
  expect(ids()).toEqual(['b', 'c'])
  // A reaction is no reason to look again, another text is.
  expect(heardOf([hit('b', { rev: 3 })])).toBe(false)
  expect(heardOf([hit('b', { rev: 4, body: 'another' })])).toBe(true)
  expect(results.get().hits[0]?.body).toBe('another')
})

test('what belongs to somebody else is not shown for a moment', async () => {
  await search(asked('plan', [page(['a'])]))
  const other = { ...asked('plan', [page(['b'])]), scope: 'grace acme' }
  const done = search(other)
  expect(ids()).toEqual([])
  await done
  expect(ids()).toEqual(['b'])
})
