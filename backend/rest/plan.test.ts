import { describe, expect, test } from 'vitest'
import { RestError } from './errors'
import { negotiate } from './media'
import { parseQuery, splitQuery } from './parse-query'
import { type Plan, planRead } from './plan'
import { planMutation } from './plan-mutation'
import { parsePreferences } from './preferences'
import { testCatalogue } from './test-catalogue'

const catalogue = testCatalogue()

function request(search: string, name = 'authors', prefer = '') {
  return {
    catalogue,
    schema: 'public',
    name,
    query: parseQuery(splitQuery(search), false),
    media: negotiate(null),
    preferences: parsePreferences(prefer),
    options: { maxRows: 1000, aggregates: true },
    head: false,
  }
}
const read = (search: string, name?: string, prefer?: string): Plan => planRead(request(search, name, prefer))
const bound = (search: string, plan = read(search)) =>
  plan.statement.params.map((param) =>
    param({ values: splitQuery(search).values, body: '', limit: '7', offset: '0' }),
  )

describe('a select', () => {
  test('is one statement with one parameter per value', () => {
    const search =
      'select=id,label:name,posts(title)&name=eq.secret&posts.title=like.s*&or=(id.in.(1,2),data->>k.eq.v)&order=id.desc'
    const { text } = read(search).statement
    expect(text).toContain(
      `(select t."id" as "id", t."name" as "label", coalesce((select json_agg(e0.*) from (select t1."title" as "title" from "public"."posts" t1 where t1."author_id" = t."id" and t1."title" like $3 limit 1000) e0), '[]') as "posts" from "public"."authors" t where t."name" = $4 and (t."id" = any($5) or (t."data"->>$6::text) = $7) order by t."id" desc limit $1 offset $2) r`,
    )
    expect(bound(search)).toEqual(['7', '0', 's%', 'secret', '{"1","2"}', 'k', 'v'])
  })

  test('has the same text for every request of its shape', () => {
    expect(read('id=eq.1&name=in.(a,b)').statement.text).toBe(read('id=eq.2&name=in.(c)').statement.text)
  })

  test('embeds to one by a join, and keeps only what has something by exists', () => {
    const text = read('select=title,authors!inner(name)&authors.name=eq.x', 'posts', 'count=exact').statement
      .text
    expect(text).toContain(
      'join lateral (select t1."name" as "name" from "public"."authors" t1 where t1."id" = t."author_id" and t1."name" = $3) e0 on true',
    )
    expect(text).toContain(
      '(select count(*) from (select 1 from "public"."posts" t where exists (select 1 from "public"."authors" t2 where t2."id" = t."author_id" and t2."name" = $3)) c)',
    )
  })

  test('quotes names of the catalogue, and refuses aliases that quotes could not hold', () => {
    expect(read('select="odd \\"name\\""').statement.text).toContain('t."odd ""name"""')
    for (const alias of ['"a\\"b"', '"a\\\\b"', '"a\nb"', 'x'.repeat(64)])
      expect(() => read(`select=${encodeURIComponent(alias)}:id`), alias).toThrow(RestError)
  })

  test('casts to known types only', () => {
    expect(read('select=id::text,name::int[]').statement.text).toContain(
      'cast(t."id" as text) as "id", cast(t."name" as integer[])',
    )
    expect(() => read('select=id::regclass')).toThrow('type "regclass" does not exist')
  })

  test('says which column was meant', () => {
    expect(() => read('select=nam')).toThrow('column authors.nam does not exist')
    expect(() => planMutation(request('', 'posts'), { kind: 'insert', columns: ['titel'] })).toThrow(
      "Could not find the 'titel' column of 'posts' in the schema cache",
    )
    expect(() => read('', 'author')).toThrow("Could not find the table 'public.author' in the schema cache")
  })
})

test('random queries are compiled or refused, and never bring their own words into SQL', () => {
  const pieces = [
    ...['id', 'name', 'posts', 'authors', 'data', 'evil', "'", '"', '\\', ';', '--', '$1', '/*', '\0', '💥'],
    ...['(', ')', ',', '.', ':', '::', '->', '->>', '!', '...', '*', '=', '&', '{', '}', ' ', '%', '-'],
    ...[
      'select=',
      'order=',
      'or=',
      'and=',
      'limit=',
      'eq.',
      'in.',
      'is.null',
      'not.',
      'inner',
      'count()',
      'any',
    ],
  ]
  let seed = 42
  const random = (below: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648
    return seed % below
  }
  let compiled = 0
  for (let i = 0; i < 20_000; i++) {
    const search = Array.from({ length: 1 + random(14) }, () => pieces[random(pieces.length)]).join('')
    try {
      const { text } = read(search).statement
      compiled++
      // Results may be named by the request, inside of quotes; nothing else of it may show.
      const outside = text.replace(/"(?:[^"]|"")*"/g, '').replace(/'(?:[^']|'')*'/g, '')
      expect(outside, search).not.toMatch(/evil|;|--|\/\*|\\|\0|💥/)
    } catch (error) {
      if (!(error instanceof RestError)) throw new Error(`${JSON.stringify(search)}: ${error}`)
    }
  }
  expect(compiled).toBeGreaterThan(20)
})
