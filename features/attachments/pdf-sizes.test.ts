import { describe, expect, test } from 'vitest'
import { densityOf, drawnSize, scaleOf } from './pdf-sizes'

const A4 = { width: 595, height: 842 }
const draw = (page: { width: number; height: number }, room: number, zoom: number, screen: number) => {
  const size = drawnSize(page, scaleOf(page, room, zoom))
  const density = densityOf(size, screen)
  return { size, canvas: { width: size.width * density, height: size.height * density } }
}

describe('a page of a PDF', () => {
  test('fills a phone, and is paper and no poster on a wide screen', () => {
    expect(draw(A4, 328, 1, 3).size.width).toBe(328)
    expect(draw(A4, 1500, 1, 1).size).toEqual({ width: 872, height: 1234 })
    expect(draw(A4, 328, 2, 3).size.width).toBe(656)
  })

  test('is drawn in the pixels of the screen', () => {
    expect(draw(A4, 595, 1, 2).canvas).toEqual({ width: 1190, height: 1684 })
  })

  test.each([
    ['a poster', { width: 14_400, height: 14_400 }],
    ['a ribbon', { width: 1, height: 1_000_000 }],
    ['a line', { width: 1_000_000, height: 1 }],
    ['a city', { width: 1e9, height: 1e9 }],
    ['a dot', { width: 0.001, height: 0.001 }],
  ])('that is %s takes no more than a browser has', (_name, page) => {
    for (const zoom of [0.5, 1, 4]) {
      const { size, canvas } = draw(page, 1200, zoom, 3)
      expect(Math.min(size.width, size.height)).toBeGreaterThanOrEqual(8)
      expect(Math.max(size.width, size.height)).toBeLessThanOrEqual(20_000)
      expect(Math.max(canvas.width, canvas.height)).toBeLessThanOrEqual(8_193)
      expect(canvas.width * canvas.height).toBeLessThanOrEqual(16_000_100)
    }
  })
})
