import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const page = readFileSync(`${root}docs/reliability.md`, 'utf8')
const rows = page.matchAll(/^\| ([BG]\d\d) \|.*\| (.*) \|$/gm)
const shown = [...rows].map(([, id = '', by = '']) => ({ id, by }))

/** The names of the tests and groups of tests in a file. */
const titles = (file: string) =>
  [
    ...readFileSync(root + file, 'utf8').matchAll(
      /(?:^|\n)\s*(?:(?:test|describe)[\w.]*\(\s*|\]\)\(\s*|\(\s*)?(['`])([BG]\d\d\b.*?)\1,/g,
    ),
  ].map(([, , title = '']) => title)

test('the page has a line for each id, and says of each what shows it, or why nothing does', () => {
  expect(shown.length).toBeGreaterThan(30)
  expect(new Set(shown.map(({ id }) => id)).size).toBe(shown.length)
  for (const { id, by } of shown)
    expect(by, id).toMatch(/`[^`]+\.(test|spec)\.ts`|`npm run bench \w+`|^not run: /)
})

test.each(shown)('$id is in the name of a test of each file that is said to show it', ({ id, by }) => {
  for (const [, file = ''] of by.matchAll(/`([^`]+\.(?:test|spec)\.ts)`/g)) {
    expect(existsSync(root + file), file).toBe(true)
    expect(
      titles(file).filter((title) => title.split(/[^\w]/).includes(id)),
      file,
    ).not.toEqual([])
  }
})
