import type { PageSize } from './pdf-document'

/** How much larger than fitting a page can be drawn. */
export const ZOOMS = [0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4] as const

/** PDF counts in points of a 72nd of an inch, screens in pixels of a 96th. */
const PIXELS_PER_POINT = 96 / 72
/** On a wide screen a page is a little larger than paper, and no poster. */
const LARGEST_SCALE = 1.1 * PIXELS_PER_POINT
/** A page may say that it is a hundred metres long. */
const MAX_SIDE = 20_000
const MIN_SIDE = 8
/** What the smallest browsers can draw on. */
const MAX_CANVAS_PIXELS = 16_000_000
const MAX_CANVAS_SIDE = 8_192

/** How many pixels of the screen a point of this page takes in so much room. */
export function scaleOf({ width, height }: PageSize, room: number, zoom: number): number {
  const fitting = Math.min(room / width, LARGEST_SCALE) * zoom
  return Math.min(fitting, MAX_SIDE / Math.max(width, height))
}

export const drawnSize = ({ width, height }: PageSize, scale: number): PageSize => ({
  width: Math.max(MIN_SIDE, Math.floor(width * scale)),
  height: Math.max(MIN_SIDE, Math.floor(height * scale)),
})

/** How many pixels are computed for one that is drawn: what the screen has, and less where that would be too many. */
export function densityOf({ width, height }: PageSize, screen: number): number {
  return Math.min(
    screen,
    Math.sqrt(MAX_CANVAS_PIXELS / (width * height)),
    MAX_CANVAS_SIDE / Math.max(width, height),
  )
}
