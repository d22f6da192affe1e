import { BoundedMap } from '@/lib/bounded-map'

type Place = { key: string; offset: number }

/** What a timeline was measured as: the height of each row by its key, and how many rows were in the window. */
export type Measured = { heights: ReadonlyMap<string, number>; rows: number }

/** As many as windows of messages are kept. */
const KEEP = 50
/** A row of a short message, until rows have been measured. */
const FIRST_HEIGHT_PX = 56

const places = new Map<string, Place>()
const measures = new BoundedMap<string, Measured>(KEEP)
let usual = FIRST_HEIGHT_PX

/** Where the reader was in a channel: a row at the top and how far it is scrolled out. Null = at the newest. */
export function rememberPlace(name: string, place: Place | null): void {
  if (place) places.set(name, place)
  else places.delete(name)
}

export const rememberedPlace = (name: string): Place | null => places.get(name) ?? null

/** The heights may have changed when they are asked for: they say where to begin, and rows are measured again. */
export function rememberMeasured(name: string, measured: Measured): void {
  const { heights } = measured
  if (heights.size > 0) {
    let sum = 0
    for (const height of heights.values()) sum += height
    usual = Math.max(1, Math.round(sum / heights.size))
  }
  measures.set(name, measured)
}

export const rememberedMeasured = (name: string): Measured | undefined => measures.get(name)

/** What a row that nobody has measured is likely to be high. */
export const usualHeight = (): number => usual
