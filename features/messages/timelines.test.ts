import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { FakeChannel, seeded } from './fake-server'
import { type KeptWindow, keepWindow, updateKept } from './kept-window'
import type { TimelineReads } from './queries'
import { Timelines } from './timelines'

beforeEach(() => {
  vi.useFakeTimers()
  // Pauses are jittered; in the middle they are as long as they say.
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

/** A client of one fake channel. `connected` false loses events, `failing` makes every read fail. */
function client(channel: FakeChannel, kept?: KeptWindow) {
  const calls: string[] = []
  const state = {
    connected: true,
    failing: false,
    broken: null as string | null,
    hold: null as Promise<void> | null,
  }
  // The answer is made when the question arrives and may be held back on its way home.
  async function answer<T>(name: string, make: () => T): Promise<T> {
    calls.push(name)
    if (state.failing || state.broken === name) throw { code: 'network', status: 0, message: 'no network' }
    const made = structuredClone(make())
    await state.hold
    return made
  }
  const reads: TimelineReads = {
    channelPage: (_id, at) => answer('page', () => channel.page(at)),
    channelChanges: (_id, since) => answer('changes', () => channel.changes(since)),
    threadPage: (root, before) => answer('thread', () => channel.thread(root, before)),
    messageContext: () => Promise.reject(new Error('not used')),
  }
  const timelines = new Timelines({
    reads,
    people: () => {},
    channel: () => {},
    kept: async () => kept,
    head: () => channel.head(),
  })
  channel.listeners.add((row) => {
    if (state.connected) timelines.receive([structuredClone(row)])
  })
  const window = () => {
    const current = timelines.get(channel.id)
    if (!current) throw new Error('no window')
    return current
  }
  return { timelines, calls, state, window }
}

function filled(count: number) {
  const channel = new FakeChannel()
  for (let i = 0; i < count; i++) channel.post()
  return channel
}

function held() {
  let release = () => {}
  const hold = new Promise<void>((resolve) => {
    release = resolve
  })
  return { hold, release }
}

test('what is heard while the first page travels is on top of it', async () => {
  const channel = filled(5)
  const { timelines, state, window } = client(channel)
  const { hold, release } = held()
  state.hold = hold
  const opened = timelines.open(channel.id)
  channel.post({ body: 'during' })
  channel.change('m5', (row) => ({ ...row, body: 'edited meanwhile' }))
  release()
  await opened
  expect(window().rows).toEqual(channel.roots())
  expect(window().cursor).toBe(channel.lastRev)
})

test('what is about to be opened is loaded once, and opening it waits for that', async () => {
  const channel = filled(3)
  const { timelines, calls, window } = client(channel)
  timelines.prepare(channel.id)
  timelines.prepare(channel.id)
  await timelines.open(channel.id)
  await vi.runAllTimersAsync()
  expect(calls).toEqual(['page'])
  expect(window().rows).toHaveLength(3)
})

test('of channels that were prepared and never opened only so many stay', async () => {
  const { timelines } = client(filled(1))
  await timelines.open('on screen')
  for (let index = 0; index < 60; index++) timelines.prepare(`c${index}`)
  await vi.runAllTimersAsync()
  expect(Object.keys(timelines.store.get())).toHaveLength(50)
  expect(timelines.get('on screen')).toBeDefined()
  expect(timelines.get('c59')).toBeDefined()
  expect(timelines.get('c0')).toBeUndefined()
})

test('an edit that overtakes the page of older messages is not undone by it', async () => {
  const channel = filled(120)
  const { timelines, state, window } = client(channel)
  await timelines.open(channel.id)
  const { hold, release } = held()
  state.hold = hold
  const loading = timelines.loadMore(channel.id, 'before')
  channel.change('m30', (row) => ({ ...row, body: 'edited' }))
  release()
  await loading
  expect(window().rows.find((row) => row.id === 'm30')?.body).toBe('edited')
  expect(window().rows).toHaveLength(100)
})

test('a gap is fetched after a short wait, and not when the missing event comes by itself', async () => {
  const channel = filled(3)
  const { timelines, calls, state, window } = client(channel)
  await timelines.open(channel.id)
  state.connected = false
  const lost = channel.post()
  state.connected = true
  channel.post()
  timelines.receive([lost])
  await vi.advanceTimersByTimeAsync(500)
  expect(calls).toEqual(['page'])
  state.connected = false
  channel.post()
  state.connected = true
  channel.post()
  await vi.advanceTimersByTimeAsync(500)
  expect(calls).toEqual(['page', 'changes'])
  expect(window().rows).toEqual(channel.roots())
})

test('a failed catch-up is tried again until it works', async () => {
  const channel = filled(3)
  const { timelines, state, window } = client(channel)
  await timelines.open(channel.id)
  state.connected = false
  channel.post()
  state.failing = true
  await timelines.compare(channel.id, channel.head())
  await vi.advanceTimersByTimeAsync(1_500)
  state.failing = false
  await vi.advanceTimersByTimeAsync(5_000)
  expect(window().rows).toHaveLength(4)
})

test('what was lost on its way is asked for at once when the server has answered since', async () => {
  const channel = filled(3)
  const { timelines, calls, state, window } = client(channel)
  for (const name of ['page', 'changes']) {
    let breakLine = (_error: unknown) => {}
    state.hold = new Promise((_, reject) => {
      breakLine = reject
    })
    const lost = name === 'page' ? timelines.open(channel.id) : timelines.compare(channel.id, channel.head())
    await vi.advanceTimersByTimeAsync(0)
    // The socket stands again, and the picture has come over it.
    const compared = timelines.compare(channel.id, channel.head())
    state.hold = null
    breakLine({ code: 'network', status: 0, message: 'the line broke' })
    await lost
    await compared
    expect(calls.splice(0)).toEqual([name, name])
    expect(window().rows).toEqual(channel.roots())
    state.connected = false
    channel.post()
  }
  // Nothing comes again that is not needed.
  await vi.advanceTimersByTimeAsync(60_000)
  expect(calls).toEqual([])
})

test('failures from before the server has answered do not make later attempts wait longer', async () => {
  const channel = filled(3)
  const { timelines, calls, state, window } = client(channel)
  state.failing = true
  await timelines.open(channel.id)
  await vi.advanceTimersByTimeAsync(3_000)
  expect(calls.splice(0)).toEqual(['page', 'page', 'page'])
  await timelines.compare(channel.id, channel.head())
  state.failing = false
  await vi.advanceTimersByTimeAsync(1_000)
  expect(calls).toEqual(['page', 'page'])
  expect(window().rows).toEqual(channel.roots())
})

test('a hole does not wait for the next attempt of what has worked meanwhile', async () => {
  const channel = filled(5)
  const { timelines, state, window } = client(channel)
  await timelines.open(channel.id)
  const lose = () => {
    state.connected = false
    channel.post()
    state.connected = true
  }
  state.failing = true
  lose()
  await timelines.compare(channel.id, channel.head())
  await vi.advanceTimersByTimeAsync(20_000)
  state.failing = false
  await timelines.compare(channel.id, channel.head())
  expect(window().rows).toEqual(channel.roots())
  lose()
  channel.post()
  await vi.advanceTimersByTimeAsync(100)
  expect(window().rows).toEqual(channel.roots())
})

test.each(['page', 'changes'])(
  '%s that was asked for before a cut and comes after it is not the last word',
  async (asked) => {
    const channel = filled(5)
    const { timelines, calls, state, window } = client(channel)
    if (asked === 'changes') await timelines.open(channel.id)
    const { hold, release } = held()
    state.hold = hold
    state.connected = false
    channel.post()
    const late = asked === 'page' ? timelines.open(channel.id) : timelines.compare(channel.id, channel.head())
    await vi.waitFor(() => expect(calls.at(-1)).toBe(asked))
    channel.post({ body: 'nobody says this again' })
    state.connected = true
    state.hold = null
    const compared = timelines.compare(channel.id, channel.head())
    release()
    await Promise.all([late, compared])
    expect(window().rows).toEqual(channel.roots())
    expect(calls.filter((call) => call === 'changes')).toHaveLength(asked === 'page' ? 1 : 2)
  },
)

test('more than a page behind, or behind a purge, means a fresh window', async () => {
  const channel = filled(60)
  const { timelines, calls, state, window } = client(channel)
  await timelines.open(channel.id)
  state.connected = false
  for (let i = 0; i < 400; i++) channel.post()
  await timelines.compare(channel.id, channel.head())
  expect(calls).toEqual(['page', 'changes', 'page'])
  expect(window().rows).toEqual(channel.roots().slice(-50))
  channel.post()
  channel.minRev = channel.lastRev
  await timelines.compare(channel.id, channel.head())
  expect(calls.at(-1)).toBe('page')
  expect(window().rows.at(-1)?.seq).toBe(461)
})

test('an open thread is fresh again after falling far behind', async () => {
  const channel = filled(10)
  const { timelines, state, window } = client(channel)
  await timelines.open(channel.id)
  await timelines.openThread(channel.id, 'm2')
  state.connected = false
  for (let i = 0; i < 250; i++) channel.post({ thread: 'm2' })
  await timelines.compare(channel.id, channel.head())
  expect(window().threads.m2?.rows).toEqual(channel.replies('m2').slice(-50))
  expect(window().threads.m2?.root.reply_count).toBe(250)
})

test('older messages that arrive for a channel which was left and cut meanwhile leave no hole in it', async () => {
  const channel = filled(600)
  const { timelines, state, window } = client(channel)
  await timelines.open(channel.id)
  for (let i = 0; i < 5; i++) await timelines.loadMore(channel.id, 'before')
  const { hold, release } = held()
  state.hold = hold
  const more = timelines.loadMore(channel.id, 'before')
  void timelines.open('another')
  release()
  await more
  const rows = window().rows
  expect(rows).toEqual(channel.roots().slice(-rows.length))
  await timelines.loadMore(channel.id, 'before')
  expect(window().rows).toEqual(channel.roots().slice(-rows.length - 50))
})

test('older replies that arrive for a thread which was opened anew leave no hole in it', async () => {
  const channel = filled(1)
  const { timelines, state, window } = client(channel)
  for (let i = 0; i < 200; i++) channel.post({ thread: 'm1' })
  await timelines.open(channel.id)
  await timelines.openThread(channel.id, 'm1')
  await timelines.loadThreadBefore(channel.id, 'm1')
  const { hold, release } = held()
  state.hold = hold
  const more = timelines.loadThreadBefore(channel.id, 'm1')
  state.hold = null
  await timelines.openThread(channel.id, 'm1')
  release()
  await more
  const rows = window().threads.m1?.rows
  expect(rows).toEqual(channel.replies('m1').slice(-(rows?.length ?? 0)))
})

test('an open thread misses nothing when a fresh page of its channel has come by', async () => {
  const channel = filled(300)
  const { timelines, state, window } = client(channel)
  await timelines.openAround(channel.id, 20)
  await timelines.openThread(channel.id, 'm20')
  state.connected = false
  channel.post({ thread: 'm20', body: 'unheard' })
  await timelines.jumpToLatest(channel.id)
  state.connected = true
  await timelines.compare(channel.id, channel.head())
  await vi.advanceTimersByTimeAsync(1_000)
  expect(window().threads.m20?.rows).toEqual(channel.replies('m20'))
})

test('an open thread that could not be asked for with the fresh page is asked for again', async () => {
  const channel = filled(10)
  const { timelines, state, window, calls } = client(channel)
  await timelines.open(channel.id)
  await timelines.openThread(channel.id, 'm2')
  state.connected = false
  for (let i = 0; i < 250; i++) channel.post({ thread: 'm2' })
  state.broken = 'thread'
  await timelines.compare(channel.id, channel.head())
  state.broken = null
  state.connected = true
  await vi.advanceTimersByTimeAsync(2_000)
  expect(window().threads.m2?.rows).toEqual(channel.replies('m2').slice(-50))
  const asked = calls.length
  await vi.advanceTimersByTimeAsync(60_000)
  expect(calls).toHaveLength(asked)
})

test('changes that were asked for a window which is gone do not move the one after it', async () => {
  const channel = filled(10)
  const early = client(channel)
  await early.timelines.open(channel.id)
  const kept = keepWindow(early.window()) ?? undefined
  const { timelines, state, window } = client(channel, kept)
  for (let i = 0; i < 3; i++) channel.change('m3', (row) => ({ ...row, body: `edit ${i}` }))
  await timelines.load(channel.id)
  state.connected = false
  channel.post({ body: 'late' })
  const { hold, release } = held()
  state.hold = hold
  const catching = timelines.compare(channel.id, channel.head())
  state.hold = null
  timelines.drop(channel.id)
  const opening = timelines.open(channel.id)
  await vi.advanceTimersByTimeAsync(1)
  release()
  await Promise.all([catching, opening])
  await vi.advanceTimersByTimeAsync(1_000)
  expect(window().rows).toEqual(channel.roots())
})

test('what was drawn is taken back only where the server has said nothing since', async () => {
  const channel = filled(3)
  const { timelines, window } = client(channel)
  await timelines.open(channel.id)
  const rev = window().rows[1]?.rev
  const draw = (body: string) => timelines.patch(channel.id, 'm2', (row) => ({ ...row, body }), rev)
  draw('drawn')
  draw('taken back')
  expect(window().rows[1]?.body).toBe('taken back')
  draw('drawn')
  // Stored, though the answer got lost: the write seems to have failed.
  channel.change('m2', (row) => ({ ...row, body: 'stored' }))
  draw('taken back')
  expect(window().rows).toEqual(channel.roots())
})

test('the newest page asked for last wins over one that travels longer', async () => {
  const channel = filled(300)
  const { timelines, state, window } = client(channel)
  const { hold, release } = held()
  state.hold = hold
  const first = timelines.open(channel.id)
  state.hold = null
  await timelines.load(channel.id)
  release()
  await first
  expect(window().rows.at(-1)?.seq).toBe(300)
  expect(window().loading).toBe(false)
})

test('a first page that fails says so and can be tried again', async () => {
  const channel = filled(2)
  const { timelines, state, window } = client(channel)
  state.failing = true
  await timelines.open(channel.id)
  expect(window()).toMatchObject({ loaded: false, loading: false, error: { code: 'network' } })
  state.failing = false
  await timelines.open(channel.id)
  expect(window()).toMatchObject({ loaded: true, error: null })
})

test('a first page that fails is asked for again when it may work, and so is a fresh one', async () => {
  const channel = filled(5)
  const { timelines, state, window } = client(channel)
  state.failing = true
  await timelines.open(channel.id)
  expect(window().loaded).toBe(false)
  state.failing = false
  await vi.advanceTimersByTimeAsync(1_100)
  expect(window().rows).toEqual(channel.roots())

  state.connected = false
  for (let i = 0; i < 300; i++) channel.post()
  state.connected = true
  const { hold, release } = held()
  state.hold = hold
  const behind = timelines.compare(channel.id, channel.head())
  // The changes come, and say that a page is needed; that one does not come.
  state.failing = false
  await vi.advanceTimersByTimeAsync(0)
  state.failing = true
  release()
  await behind
  expect(window().rows.at(-1)?.seq).toBe(5)
  state.failing = false
  state.hold = null
  await vi.advanceTimersByTimeAsync(1_100)
  expect(window().rows.at(-1)?.seq).toBe(305)
})

test('the answer to an own send may overtake others without a fetch', async () => {
  const channel = filled(2)
  const { timelines, calls, state, window } = client(channel)
  await timelines.open(channel.id)
  state.connected = false
  const other = channel.post({ user: 'bob' })
  const own = channel.post()
  timelines.receive([own], 'ack')
  timelines.receive([other, own])
  await vi.advanceTimersByTimeAsync(5_000)
  expect(calls).toEqual(['page'])
  expect(window().rows.map((row) => row.seq)).toEqual([1, 2, 3, 4])
})

test('a hole that an own answer left does not wait for its time when an event shows that others are missing', async () => {
  const channel = filled(2)
  const { timelines, calls, state, window } = client(channel)
  await timelines.open(channel.id)
  state.connected = false
  channel.post({ user: 'bob' })
  timelines.receive([channel.post()], 'ack')
  timelines.receive([channel.post({ user: 'bob' })])
  await vi.advanceTimersByTimeAsync(100)
  expect(calls).toEqual(['page', 'changes'])
  expect(window().rows.map((row) => row.seq)).toEqual([1, 2, 3, 4, 5])
})

test('random cuts, losses and scrolling: every client ends equal to the server', async () => {
  for (let seed = 1; seed <= 15; seed++) {
    const random = seeded(seed)
    const channel = filled(120)
    const { timelines, state, window } = client(channel)
    await timelines.open(channel.id)
    await timelines.openThread(channel.id, 'm100')
    for (let step = 0; step < 120; step++) {
      const ids = [...channel.rows.keys()]
      const any = ids[Math.floor(random() * ids.length)] as string
      const dice = random()
      if (dice < 0.35) channel.post()
      else if (dice < 0.5) channel.post({ thread: 'm100' })
      else if (dice < 0.65) channel.change(any, (row) => ({ ...row, body: `${seed}.${step}` }))
      else if (dice < 0.7) channel.remove(any)
      else if (dice < 0.75) state.connected = !state.connected
      else if (dice < 0.8) state.failing = !state.failing
      else if (dice < 0.85) void timelines.loadMore(channel.id, 'before')
      else if (dice < 0.9) void timelines.compare(channel.id, channel.head())
      else await vi.advanceTimersByTimeAsync(100)
    }
    Object.assign(state, { connected: true, failing: false })
    await vi.advanceTimersByTimeAsync(60_000)
    await timelines.compare(channel.id, channel.head())
    await vi.advanceTimersByTimeAsync(60_000)
    expect(window().rows, `seed ${seed}`).toEqual(channel.roots().slice(-window().rows.length))
    expect(window().threads.m100?.rows, `seed ${seed}`).toEqual(channel.replies('m100'))
    expect(window().cursor, `seed ${seed}`).toBe(channel.lastRev)
    timelines.close()
  }
})

test('a channel that was lost while open and cannot be read any more says so', async () => {
  const channel = filled(2)
  const { timelines, state, window } = client(channel)
  await timelines.open(channel.id)
  timelines.drop(channel.id)
  state.failing = true
  await timelines.open(channel.id)
  expect(window().error).toMatchObject({ code: 'network' })
})

test('a page that arrives for a channel forgotten meanwhile is thrown away, and asked for anew', async () => {
  const channel = filled(2)
  const { timelines, calls, state, window } = client(channel)
  const { hold, release } = held()
  state.hold = hold
  const first = timelines.open(channel.id)
  await vi.waitFor(() => expect(calls).toEqual(['page']))
  timelines.drop(channel.id)
  const second = timelines.open(channel.id)
  release()
  await Promise.all([first, second])
  expect(calls).toEqual(['page', 'page'])
  expect(window().loaded).toBe(true)
})

test('a server that was restored from a backup while the tab was open gives way to a fresh page', async () => {
  const channel = filled(5)
  const { timelines, calls, window } = client(channel)
  await timelines.open(channel.id)
  // A picture that was taken before the last event says nothing.
  channel.post()
  await timelines.compare(channel.id, { ...channel.head(), last_rev: 5 })
  expect(calls).toEqual(['page'])

  await vi.advanceTimersByTimeAsync(60_000)
  for (const id of ['m4', 'm5', 'm6']) channel.rows.delete(id)
  Object.assign(channel, { lastRev: 3, lastSeq: 3 })
  channel.post({ body: 'written after the restore' })
  await timelines.compare(channel.id, channel.head())
  expect(window().rows).toEqual(channel.roots())
  expect(window().cursor).toBe(4)
})

test('a restored server that has overtaken the tab meanwhile is not mistaken for one that went on', async () => {
  const channel = filled(5)
  const { timelines, window } = client(channel)
  await timelines.open(channel.id)
  for (const id of ['m4', 'm5']) channel.rows.delete(id)
  // What private.after_restore() does to the numbers.
  Object.assign(channel, { lastSeq: 3, lastRev: 1_000_003, minRev: 1_000_003 })
  channel.listeners.clear()
  for (const body of ['one', 'two', 'three']) channel.post({ body })
  await timelines.compare(channel.id, channel.head())
  expect(window().rows).toEqual(channel.roots())
  expect(window().cursor).toBe(1_000_006)
})

describe('what an earlier visit kept', () => {
  async function visited(channel: FakeChannel): Promise<KeptWindow> {
    const { timelines, window } = client(channel)
    await timelines.open(channel.id)
    const kept = keepWindow(window())
    timelines.close()
    channel.listeners.clear()
    if (!kept) throw new Error('nothing to keep')
    return structuredClone(kept)
  }

  test('is drawn without a question, and only what changed since is asked for', async () => {
    const channel = filled(60)
    const kept = await visited(channel)
    const same = client(channel, kept)
    await same.timelines.open(channel.id)
    expect(same.calls).toEqual([])
    expect(same.window().rows).toHaveLength(50)

    channel.change('m60', (row) => ({ ...row, body: 'edited' }))
    channel.remove('m59')
    channel.post()
    const later = client(channel, kept)
    await later.timelines.open(channel.id)
    expect(later.calls).toEqual(['changes'])
    expect(later.window().rows).toEqual(channel.roots().slice(10))
  })

  test('is drawn while nothing can be asked', async () => {
    const channel = filled(5)
    const kept = await visited(channel)
    channel.post()
    const { timelines, state, window } = client(channel, kept)
    state.failing = true
    await timelines.open(channel.id)
    expect(window()).toMatchObject({ loaded: true, loading: false, error: null })
    expect(window().rows).toHaveLength(5)
    state.failing = false
    await vi.advanceTimersByTimeAsync(2_000)
    expect(window().rows).toHaveLength(6)
  })

  test.each([
    ['more than a page behind', (channel: FakeChannel) => filledMore(channel, 250)],
    ['older than a purge', (channel: FakeChannel) => Object.assign(channel.post() && channel, { minRev: 6 })],
    ['ahead of a server that was restored', (channel: FakeChannel) => Object.assign(channel, { lastRev: 3 })],
  ])('%s gives way to a fresh page', async (_what, happen) => {
    const channel = filled(5)
    const kept = await visited(channel)
    happen(channel)
    const { timelines, calls, window } = client(channel, kept)
    await timelines.open(channel.id)
    expect(calls.at(-1)).toBe('page')
    expect(window().rows).toEqual(channel.roots().slice(-50))
    if (channel.lastRev > 5) expect(updateKept(kept, channel.changes(kept.cursor))).toBeNull()
  })

  test('does not keep for true what was drawn and never confirmed', async () => {
    const channel = filled(5)
    const before = client(channel)
    await before.timelines.open(channel.id)
    before.timelines.patch(channel.id, 'm2', (row) => ({ ...row, body: 'not stored' }))
    const { timelines, window } = client(channel, keepWindow(before.window()) ?? undefined)
    await timelines.open(channel.id)
    await timelines.compare(channel.id, channel.head())
    expect(window().rows).toEqual(channel.roots())
  })

  test('follows without being opened: edits and deletions, too', async () => {
    const channel = filled(5)
    const kept = await visited(channel)
    channel.remove('m2')
    channel.change('m3', (row) => ({ ...row, body: 'edited' }))
    channel.post()
    const next = updateKept(kept, channel.changes(kept.cursor))
    expect(next).toEqual({ cursor: channel.lastRev, hasBefore: false, rows: channel.roots() })
  })

  test('is bounded, and never the middle of history', async () => {
    const channel = filled(450)
    const { timelines, window } = client(channel)
    await timelines.open(channel.id)
    for (let page = 0; page < 6; page++) await timelines.loadMore(channel.id, 'before')
    expect(window().rows.length).toBeGreaterThan(300)
    expect(keepWindow(window())).toMatchObject({ hasBefore: true, rows: { length: 200 } })
    await timelines.openAround(channel.id, 20)
    expect(keepWindow(window())).toBeNull()
  })
})

function filledMore(channel: FakeChannel, count: number) {
  for (let i = 0; i < count; i++) channel.post()
}
