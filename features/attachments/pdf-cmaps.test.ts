import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { CMAPS } from './pdf-cmaps'

test('every map of pdf.js is there, each under its own name', () => {
  const folder = new URL('../../node_modules/pdfjs-dist/cmaps', import.meta.url)
  const there = readdirSync(folder).filter((name) => name.endsWith('.bcmap'))
  expect(there.length).toBeGreaterThan(100)
  const named = Object.entries(CMAPS).map(([name, url]) => [name, url().pathname.split('/').pop()])
  expect(named.map(([, file]) => file).sort()).toEqual(there.sort())
  for (const [name, file] of named) expect(file).toBe(`${name}.bcmap`)
})
