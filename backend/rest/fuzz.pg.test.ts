import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { createRandom } from '../testing/fuzz/random'
import { fuzz } from '../testing/fuzz/run'
import { createSqlCheck } from '../testing/fuzz/sql-check'
import { testCatalogue } from './test-catalogue'

const migrationsDir = fileURLToPath(new URL('../conformance/fixtures/rest', import.meta.url))

// `npm run fuzz` makes as many requests as there is time for; docs/reliability.md has the long run.
test.each([1, 2, 3])(
  'made-up requests, seed %i: each is answered, none with a server error',
  async (seed) => {
    const report = await fuzz({
      migrationsDir,
      seed,
      from: 0,
      cases: 1500,
      without: ['fail', 'answer', 'wait', 'any_of_them'],
    })
    expect(report.failures).toEqual([])
    // It got somewhere: statements ran, and every kind of answer was among them.
    expect(report.statements).toBeGreaterThan(400)
    const kinds = new Set(Object.keys(report.statuses).map((key) => key.split(' ')[1]?.[0]))
    expect(kinds).toEqual(new Set(['2', '3', '4']))
  },
)

test('the same seed makes the same requests', () => {
  const numbers = (index: number) => createRandom(7, index).list(20, 20, () => index)
  expect(numbers(3)).toEqual(numbers(3))
  const one = createRandom(7, 3)
  const two = createRandom(7, 3)
  expect(Array.from({ length: 50 }, () => one.below(1000))).toEqual(
    Array.from({ length: 50 }, () => two.below(1000)),
  )
})

describe('the check of statements', () => {
  const check = createSqlCheck(testCatalogue())

  test.each([
    'select t."id", t."title" as "what I; call it" from "public"."posts" t where t."author_id" = $1 limit $2',
    `insert into "public"."posts" as t ("title") select "title" from json_to_recordset($1::text::json) as _("title" text)`,
  ])('lets through %s', (text) => {
    expect(check(text)).toBeNull()
  })

  test.each([
    ['a function of nobody', 'select pg_sleep($1) from "public"."posts" t'],
    ['a second statement', 'select $1; select $2'],
    ['a comment', 'select $1 -- where'],
    ['a literal', `select 'x' from "public"."posts" t`],
    ['a name that ends early', 'select t."id" as "a"b" from "public"."posts" t'],
    ['a bare word', 'select id from "public"."posts" t where evil'],
  ])('finds %s', (_name, text) => {
    expect(check(text)).not.toBeNull()
  })
})
