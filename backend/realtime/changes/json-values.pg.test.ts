import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestDatabase, type TestDatabase } from '../../testing/server'
import { jsonTypeOf, toJson } from './json-values'

let database: TestDatabase
beforeAll(async () => {
  database = await startTestDatabase({ migrationsDir: null })
  await database.admin.unsafe(
    `create type public.mood as enum ('glad', 'sad'); create domain public.age as int`,
  )
})
afterAll(() => database.stop())

const values: [type: string, ...literals: string[]][] = [
  ['bool', 't', 'f'],
  ['int2', '-3'],
  ['int8', '9223372036854775807'],
  ['float4', '1.5', 'NaN', 'Infinity', '1e-10'],
  ['float8', '0.1', '-Infinity', '1e+300', '123456789.123456789'],
  ['numeric', '1.50', '-0.000001', 'NaN', 'Infinity', '123456789012345678901234567890.5'],
  ['text', '', 'a"b\\c', '\u2028 \u0001 ü 😀', 'null', '\ufeff'],
  ['varchar(3)', 'abc'],
  ['char(4)', 'a'],
  ['uuid', '0190f2a4-0000-7000-8000-00000000000A'],
  ['bytea', '\\x00ff'],
  ['date', '2026-01-02', '0044-03-15 BC', 'infinity'],
  ['time', '12:34:56.789'],
  ['timetz', '12:34:56+02'],
  ['timestamp', '2026-01-02 03:04:05', '2026-01-02 03:04:05.678901', '-infinity', '0044-03-15 01:00 BC'],
  [
    'timestamptz',
    '2026-01-02 03:04:05+02',
    '2026-01-02 03:04:05.5+05:30',
    'infinity',
    '0044-03-15 01:00+00 BC',
  ],
  ['interval', '1 year 2 days 03:04:05'],
  ['json', '{"a": [1, 2.50, null], "b":"\\u00fc"}', '"x"', 'null'],
  ['jsonb', '{"a": [1, 2.50, null]}', '12345678901234567890'],
  ['inet', '10.0.0.1/8'],
  ['public.mood', 'glad'],
  ['public.age', '7'],
  ['int4range', '[1,5)'],
  ['point', '(1,2)'],
  ['int4[]', '{1,NULL,-3}', '{}', '{{1,2},{3,4}}', '[2:3]={7,8}'],
  ['text[]', '{"a b",NULL,"NULL","","x\\"y\\\\z",",","{}"}', '{{a},{b}}'],
  ['timestamptz[]', '{"2026-01-02 03:04:05+02",NULL}'],
  ['jsonb[]', '{"{\\"a\\": \\"b,c\\"}","1"}'],
  ['bool[]', '{t,f}'],
  ['box[]', '{(1,1),(0,0);(2,2),(1,1)}'],
  ['public.mood[]', '{glad,sad}'],
]

test.each(values)('%s has the JSON form that to_jsonb gives it', async (type, ...literals) => {
  for (const literal of literals) {
    const [row] = await database.admin.unsafe<Row[]>(
      `select format('%s', v.value) as text, t.oid, coalesce(nullif(t.typbasetype, 0), t.oid) as base,
         case when t.typcategory = 'A' then t.typelem else 0 end as element, e.typdelim as delimiter
       from (select ($1::text)::${type} as value) v
       join pg_type t on t.oid = pg_typeof(v.value)::oid left join pg_type e on e.oid = t.typelem`,
      [literal],
    )
    if (!row) throw new Error('no row')
    const json = toJson(jsonTypeOf(Number(row.base), Number(row.element), row.delimiter ?? ','), row.text)
    const [same] = await database.admin.unsafe(
      `select ($1::text)::jsonb = to_jsonb(($2::text)::${type}) as same, to_jsonb(($2::text)::${type})::text as wanted`,
      [json, literal],
    )
    expect({ json, ...same }).toMatchObject({ same: true })
  }
})

test('null is null', () => {
  expect(toJson('number', null)).toBe('null')
})

type Row = { text: string; base: number; element: number; delimiter: string | null }
