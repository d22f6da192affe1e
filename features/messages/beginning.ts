import type { VirtualizerHandle } from 'virtua'
import type { Item } from './items'
import { rememberedMeasured, rememberedPlace, rememberMeasured, usualHeight } from './scroll-memory'

/** What stands above the first row: the head of the list. */
export const HEAD_ROWS = 1
const HEAD_KEY = 'head'
const UNMEASURED = -1

type Options = {
  name: string
  items: readonly Item[]
  startKey: string | null
  target: { key: string } | null
}

export type Beginning = {
  /** The height that rows are taken for until they are measured. */
  usual: number
  /** Heights by index, as the list takes them. */
  cache: [sizes: number[], usual: number]
  /** Indexes of the rows that are drawn at once, without waiting for the size of the window. */
  first: number[]
  /** All of these were measured on an earlier visit: they are drawn where they belong. */
  known: boolean
}

/**
 * The first drawing of a timeline. The list would draw rows only once it has measured its window, and place them once it
 * has measured them: two more drawings before anything is to be seen.
 */
export function beginTimeline({ name, items, startKey, target }: Options): Beginning {
  const measured = rememberedMeasured(name)
  const usual = usualHeight()
  const sizes = [HEAD_KEY, ...items.map(({ key }) => key)].map(
    (key) => measured?.heights.get(key) ?? UNMEASURED,
  )
  const rows = measured?.rows ?? Math.ceil(window.innerHeight / usual)
  const at = (key: string | undefined) => items.findIndex((item) => item.key === key) + HEAD_ROWS
  const key = target?.key ?? rememberedPlace(name)?.key ?? startKey ?? undefined
  const index = key === undefined ? 0 : at(key)
  const last = items.length
  const from = index < HEAD_ROWS ? last - rows : target ? index - (rows >> 1) : index - 1
  const first: number[] = []
  for (let row = Math.max(0, from); row <= Math.min(last, from + rows); row++) first.push(row)
  const known = target === null && last > 0 && first.every((row) => sizes[row] !== UNMEASURED)
  return { usual, cache: [sizes, usual], first, known }
}

/** Keeps for the next visit what the list has measured. */
export function keepMeasured(name: string, items: readonly Item[], list: VirtualizerHandle): void {
  const [sizes] = list.cache
  const heights = new Map<string, number>()
  sizes.forEach((size, index) => {
    const key = index < HEAD_ROWS ? HEAD_KEY : items[index - HEAD_ROWS]?.key
    if (key !== undefined && size !== UNMEASURED) heights.set(key, size)
  })
  const { scrollOffset, viewportSize } = list
  const rows = list.findItemIndex(scrollOffset + viewportSize) - list.findItemIndex(scrollOffset) + 1
  rememberMeasured(name, { heights, rows })
}
