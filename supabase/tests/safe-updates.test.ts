import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWorld, type World } from './personas'

// Supabase refuses UPDATE and DELETE without WHERE in sessions of REST (pg-safeupdate), also inside of functions. The extension is
// not part of the embedded PostgreSQL, so every function is read.

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world?.stop())

const CHANGE = /\b(?:update\s+(?:only\s+)?(?!set\b)[\w."%]+(?:\s+(?:as\s+)?\w+)?\s+set|delete\s+from)\b/gi

/** The statements of a function's text that change all rows of a table because they do not say which. */
function unbounded(definition: string): string[] {
  const strings: string[] = []
  const code = definition.replaceAll(/--[^\n]*/g, '').replaceAll(/'((?:[^']|'')*)'/g, (_, text: string) => {
    strings.push(text.replaceAll("''", "'"))
    return "''"
  })
  const here = [...code.matchAll(CHANGE)].map(({ index }) => outside(code.slice(index)))
  // What is executed dynamically stands in a string.
  return [...here.filter((text) => !/\bwhere\b/i.test(text)), ...strings.flatMap(unbounded)]
}

/** A statement up to its end, without what stands in parentheses. */
function outside(text: string): string {
  let depth = 0
  let statement = ''
  for (const sign of text) {
    if (sign === ')' && --depth < 0) break
    if (sign === ';' && depth === 0) break
    if (depth === 0 && sign !== ')') statement += sign
    if (sign === '(') depth++
  }
  return statement.replaceAll(/\s+/g, ' ').trim()
}

test('what changes all rows is told from what says which', () => {
  expect(unbounded('begin update a set b = (select c from d where e); delete from only f; end')).toEqual([
    'update a set b = (',
    'delete from only f',
  ])
  expect(unbounded("execute format('update %I set b = 1', name); delete from a -- where x\n;")).toEqual([
    'delete from a',
    'update %I set b = 1',
  ])
  const bounded = [
    'update public.a h set b = b + 1 where true;',
    'with gone as (delete from a where b returning c) select c from gone for update of a;',
    'insert into a values (1) on conflict (a) do update set b = excluded.b;',
    "delete from a using b where a.c = b.c and b.d <> '(;';",
  ]
  for (const text of bounded) expect(unbounded(text)).toEqual([])
})

test('no function changes all rows of a table without saying so', async () => {
  const functions = await world.database.admin<{ name: string; definition: string }[]>`
    select p.oid::regprocedure::text as name, pg_get_functiondef(p.oid) as definition
    from pg_proc p join pg_language l on l.oid = p.prolang
    where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
      and p.prokind in ('f', 'p') and l.lanname in ('sql', 'plpgsql')`
  expect(functions.length).toBeGreaterThan(100)
  const changes = functions.flatMap(({ definition }) => definition.match(CHANGE) ?? [])
  expect(changes.length).toBeGreaterThan(50)
  const found = functions.flatMap(({ name, definition }) =>
    unbounded(definition).map((text) => `${name}: ${text}`),
  )
  expect(found).toEqual([])
})
