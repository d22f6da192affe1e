import { expect, test } from 'vitest'
import type { Relation, RowChange } from '../wal/pgoutput'
import type { Table } from './catalogue'
import { type JsonType, jsonTypeOf } from './json-values'
import { changeOf, dataJson } from './payload'

const INT4 = 23
const TEXT = 25

const relation = (columns: Record<string, number>): Relation => ({
  ...{ oid: 1, schema: 'public', name: 'notes', identity: 'd' },
  columns: Object.entries(columns).map(([name, typeOid]) => ({ name, typeOid, key: name === 'id' })),
})

const table = (columns: Record<string, number>) =>
  ({
    ...{ oid: 1, schema: 'public', name: 'notes', key: ['id'] },
    columns: new Map(
      Object.entries(columns).map(([name, typeOid]) => {
        const json: JsonType = jsonTypeOf(typeOid)
        return [name, { name, type: `type ${typeOid}`, typeOid, json }]
      }),
    ),
  }) as unknown as Table

const told = (known: Table, of: Relation, row: string[], columns: Set<string>) => {
  const change = changeOf(
    known,
    { tag: 'insert', relation: of, old: null, new: row } as RowChange,
    new Date(0),
  )
  const data = JSON.parse(dataJson(change, columns, columns, 1_000))
  return [data.columns.map(({ name }: { name: string }) => name), data.record]
}

test('columns are told as the stream lists them and the schema types them, those that may be read alone', () => {
  const columns = { id: INT4, body: TEXT, secret: TEXT }
  const known = table(columns)
  const readable = new Set(['id', 'body'])
  const same = relation(columns)
  for (const body of ['one', 'two'])
    expect(told(known, same, ['1', body, 'x'], readable)).toEqual([['id', 'body'], { id: 1, body }])
  // The table was altered: the same set, another order.
  const altered = relation({ secret: TEXT, body: TEXT, id: INT4 })
  expect(told(known, altered, ['x', 'three', '2'], readable)).toEqual([
    ['body', 'id'],
    { id: 2, body: 'three' },
  ])
})

test('a value that was written before its column got another type is not shown as what it is not', () => {
  const known = table({ id: INT4, body: INT4 })
  const before = relation({ id: INT4, body: TEXT })
  const row = ['1', '1,"id":2']
  expect(told(known, before, row, new Set(['id', 'body']))).toEqual([['id'], { id: 1 }])
})
