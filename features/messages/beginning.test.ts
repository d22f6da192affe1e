import { beforeEach, expect, test, vi } from 'vitest'
import { beginTimeline, keepMeasured } from './beginning'
import type { Item } from './items'
import { rememberPlace } from './scroll-memory'

const itemsOf = (...keys: string[]) => keys.map((key) => ({ key }) as Item)
const twenty = Array.from({ length: 20 }, (_, index) => `m${index}`)
const begin = (name: string, keys: string[], more: { startKey?: string; target?: { key: string } } = {}) =>
  beginTimeline({ name, items: itemsOf(...keys), startKey: null, target: null, ...more })

/** A list that was left with these heights, the head's first, and a window of so many pixels. */
const listOf = (sizes: number[], scrollOffset: number, viewportSize: number) => {
  const offsetOf = (index: number) => sizes.slice(0, index).reduce((sum, size) => sum + size, 0)
  const findItemIndex = (offset: number) => {
    let index = 0
    while (index < sizes.length - 1 && offsetOf(index + 1) <= offset) index++
    return index
  }
  return { cache: [sizes, 40], scrollOffset, viewportSize, findItemIndex } as never
}

beforeEach(() => vi.stubGlobal('window', { innerHeight: 560 }))

test('a timeline never seen begins with as many of its last rows as the window may hold', () => {
  const { first, known, cache, usual } = begin('never', twenty)
  expect(first.at(-1)).toBe(20)
  expect(first.length).toBe(Math.ceil(560 / usual) + 1)
  expect(known).toBe(false)
  expect(cache[0]).toEqual(Array(21).fill(-1))
})

test('one that was seen begins with the rows that were in the window, as high as they were', () => {
  keepMeasured('seen', itemsOf(...twenty), listOf([100, ...Array(20).fill(50)], 900, 200))
  const { first, known, cache } = begin('seen', twenty)
  expect(first).toEqual([16, 17, 18, 19, 20])
  expect(known).toBe(true)
  expect(cache[0]).toEqual([100, ...Array(20).fill(50)])
})

test('heights follow their messages when older ones were let go, and a new one is not taken for measured', () => {
  keepMeasured('moved', itemsOf('a', 'b', 'c'), listOf([10, 30, 40, 50], 0, 500))
  const { cache, known } = begin('moved', ['b', 'c', 'd'])
  expect(cache[0]).toEqual([10, 40, 50, -1])
  expect(known).toBe(false)
})

test('a row that was never drawn is not kept', () => {
  keepMeasured('part', itemsOf('a', 'b'), listOf([-1, -1, 50], 0, 40))
  expect(begin('part', ['a', 'b']).cache[0]).toEqual([-1, -1, 50])
})

test('it begins where the reader was, else at the first unread message, and around what a link points at', () => {
  keepMeasured('place', itemsOf(...twenty), listOf([100, ...Array(20).fill(50)], 300, 200))
  expect(begin('place', twenty, { startKey: 'm9' }).first).toEqual([9, 10, 11, 12, 13, 14])
  rememberPlace('place', { key: 'm4', offset: 3 })
  expect(begin('place', twenty, { startKey: 'm9' }).first[0]).toBe(4)
  const linked = begin('place', twenty, { target: { key: 'm14' } })
  expect(linked.first).toContain(15)
  expect(linked.first[0]).toBe(13)
  expect(linked.known).toBe(false)
})

test('an empty timeline has nothing to begin with', () => {
  expect(begin('empty', [])).toMatchObject({ known: false, first: [0] })
})
