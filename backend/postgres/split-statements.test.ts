import { expect, test } from 'vitest'
import { splitStatements } from './split-statements'

const texts = (sql: string) => splitStatements(sql).map(({ text }) => text)

test('statements end at semicolons and know their line', () => {
  expect(splitStatements('select 1;\n\n-- about two\nselect\n  2;\nselect 3')).toEqual([
    { text: 'select 1', line: 1 },
    { text: 'select\n  2', line: 4 },
    { text: 'select 3', line: 6 },
  ])
})

test.each([
  ["insert into t values (';', 'it''s; here')"],
  ["select e'a\\';b'"],
  ['select 1 as "a;b"'],
  ['do $$ begin perform 1; end $$'],
  ['create function f() returns int language sql as $body$ select $$;$$; $body$'],
  [
    'create function f() returns int language sql begin atomic select case when true then 1 end; select 2; end',
  ],
  ['select 1 /* one; /* nested; */ still; */ + 1'],
  ['select 1 -- not; here\n + 1'],
])('what is quoted ends nothing: %s', (statement) => {
  expect(texts(`${statement};\nselect 'after'`)).toEqual([statement, "select 'after'"])
})

test('blank and commented files hold no statement', () => {
  expect(texts(' \n-- nothing;\n/* at all; */ ;;')).toEqual([])
})

test('an open quote reaches to the end', () => {
  expect(texts("select 'a; b")).toEqual(["select 'a; b"])
})

test('begin and end that are no body change nothing', () => {
  expect(texts('begin; select case when true then 1 end; end; select 1')).toEqual([
    'begin',
    'select case when true then 1 end',
    'end',
    'select 1',
  ])
})
