import { expect, test } from 'vitest'
import { FakeChannel, seeded } from './fake-server'
import type { Message } from './schema'
import {
  applyChanges,
  applyLive,
  extendWindow,
  findRow,
  isBehind,
  mergeRows,
  openThreadWindow,
  openWindow,
  patchRow,
  trimWindow,
} from './window'

function filled(count: number) {
  const channel = new FakeChannel()
  for (let i = 0; i < count; i++) channel.post()
  return channel
}

const bodies = (rows: readonly Message[]) => rows.map((row) => row.body)

test('opens on the newest page with the cursor at the head', () => {
  const window = openWindow(filled(120).page())
  expect(window.rows).toHaveLength(50)
  expect(window.rows[0]?.seq).toBe(71)
  expect(window).toMatchObject({ hasBefore: true, hasAfter: false, cursor: 120 })
})

test('an older rev never overwrites a newer one, and the same event twice changes nothing', () => {
  const channel = filled(3)
  const old = channel.page().messages[1] as Message
  const edited = channel.change(old.id, (row) => ({ ...row, body: 'edited' }))
  const window = applyLive(openWindow(channel.page()), [edited])
  expect(mergeRows(window, [old])).toBe(window)
  expect(applyLive(window, [edited]).rows).toBe(window.rows)
})

test('a missing rev is noticed, and closed when it arrives late', () => {
  const channel = filled(2)
  const start = openWindow(channel.page())
  const third = channel.post()
  const fourth = channel.post()
  const early = applyLive(start, [fourth])
  expect(isBehind(early)).toBe(true)
  expect(early.cursor).toBe(2)
  const whole = applyLive(early, [third])
  expect(whole.cursor).toBe(4)
  expect(isBehind(whole)).toBe(false)
  expect(whole.rows.map((row) => row.seq)).toEqual([1, 2, 3, 4])
})

test('a window in the middle of history does not grow a hole', () => {
  const channel = filled(200)
  const window = openWindow(channel.page({ around: 100 }))
  expect(window.hasAfter).toBe(true)
  const after = applyLive(window, [channel.post()])
  expect(after.rows).toBe(window.rows)
  expect(after.cursor).toBe(201)
})

test('history extends both ways without doubles', () => {
  const channel = filled(300)
  let window = openWindow(channel.page({ around: 150 }))
  window = extendWindow(window, channel.page({ before: window.rows[0]?.seq ?? 0 }), 'before')
  while (window.hasAfter) {
    window = extendWindow(window, channel.page({ after: window.rows.at(-1)?.seq ?? 0 }), 'after')
  }
  const places = window.rows.map((row) => row.seq ?? 0)
  expect(places).toEqual(Array.from({ length: places.length }, (_, i) => (places[0] ?? 0) + i))
  expect(places.at(-1)).toBe(300)
})

test('replies go to their thread, the root keeps its count, both in step with one cursor', () => {
  const channel = filled(2)
  let window = openThreadWindow(openWindow(channel.page()), channel.thread('m1'))
  channel.listeners.add((row) => {
    window = applyLive(window, [row])
  })
  channel.post({ thread: 'm1', body: 'first reply' })
  channel.post({ thread: 'm1', body: 'second reply' })
  expect(bodies(window.threads.m1?.rows ?? [])).toEqual(['first reply', 'second reply'])
  expect(window.threads.m1?.root.reply_count).toBe(2)
  expect(window.rows[0]?.reply_count).toBe(2)
  expect(window.rows).toHaveLength(2)
  expect(window.cursor).toBe(channel.lastRev)
})

test('a change drawn ahead gives way to the real row', () => {
  const channel = filled(1)
  const window = patchRow(openWindow(channel.page()), 'm1', (row) => ({
    ...row,
    reactions: { '👍': ['me'] },
  }))
  expect(findRow(window, 'm1')?.reactions).toEqual({ '👍': ['me'] })
  const real = channel.change('m1', (row) => ({ ...row, reactions: { '👍': ['me', 'bob'] } }))
  expect(findRow(applyLive(window, [real]), 'm1')).toBe(real)
})

test('a channel off screen keeps its newest rows; one in the middle of history is let go', () => {
  const channel = filled(300)
  let window = openWindow(channel.page({ size: 300 }))
  window = trimWindow(window, 200) ?? window
  expect(window.rows).toHaveLength(200)
  expect(window.hasBefore).toBe(true)
  expect(trimWindow(openWindow(channel.page({ around: 50 })), 200)).toBeNull()
})

test('random histories with lost, doubled and swapped events end equal to the server after one catch-up', () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = seeded(seed)
    const channel = filled(30)
    let window = openThreadWindow(openWindow(channel.page()), channel.thread('m3'))
    let late: Message[] = []
    channel.listeners.add((row) => {
      const luck = random()
      if (luck < 0.15) return
      if (luck < 0.3) late.push(row)
      else window = applyLive(window, luck < 0.4 ? [row, row] : [row])
    })
    for (let step = 0; step < 80; step++) {
      const ids = [...channel.rows.keys()]
      const any = ids[Math.floor(random() * ids.length)] as string
      const dice = random()
      if (dice < 0.45) channel.post()
      else if (dice < 0.6) channel.post({ thread: 'm3' })
      else if (dice < 0.8) channel.change(any, (row) => ({ ...row, body: `edited ${seed}.${step}` }))
      else if (dice < 0.9) channel.remove(any)
      else {
        window = applyLive(window, late.reverse())
        late = []
      }
    }
    const changes = channel.changes(window.cursor)
    window = applyChanges(window, changes.messages, changes.rev)
    window = applyLive(window, late)
    const shown = channel.roots().slice(channel.roots().length - window.rows.length)
    expect(window.rows, `seed ${seed}`).toEqual(shown)
    expect(window.threads.m3?.rows, `seed ${seed}`).toEqual(channel.replies('m3'))
    expect(window.cursor).toBe(channel.lastRev)
    expect(isBehind(window)).toBe(false)
  }
})
