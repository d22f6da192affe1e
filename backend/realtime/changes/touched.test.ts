import { expect, test } from 'vitest'
import type { Relation, RowChange } from '../wal/pgoutput'
import type { Rule, Table } from './catalogue'
import { touchedBy } from './touched'

const relation = (keys: string[]): Relation => ({
  oid: 1,
  schema: 'private',
  name: 'access',
  identity: 'd',
  columns: ['user_id', 'room_id', 'role'].map((name) => ({ name, typeOid: 25, key: keys.includes(name) })),
})
const table = { scope: { columns: ['room_id'] } } as Table
const rule = (userColumn: string | null, scopeColumns: string[]): Rule => ({
  table,
  dependency: { schema: 'private', table: 'access', userColumn, scopeColumns },
})
const byBoth = rule('user_id', ['room_id'])
const everything = [{ user: null, scope: null }]
const step = (each: object, keys = ['user_id', 'room_id']) =>
  ({ relation: relation(keys), old: null, new: null, ...each }) as unknown as RowChange

test('a row that came or went concerns its person and scope', () => {
  expect(touchedBy(step({ tag: 'insert', new: ['ada', '1', 'x'] }), byBoth)).toEqual([
    { user: 'ada', scope: '["1"]' },
  ])
  expect(touchedBy(step({ tag: 'delete', old: ['ada', '1', undefined] }), byBoth)).toEqual([
    { user: 'ada', scope: '["1"]' },
  ])
})

test('a row that moved concerns both sides', () => {
  expect(
    touchedBy(step({ tag: 'update', old: ['ada', '1', undefined], new: ['bob', '1', 'x'] }), byBoth),
  ).toEqual([
    { user: 'ada', scope: '["1"]' },
    { user: 'bob', scope: '["1"]' },
  ])
})

test('an update that kept its key concerns the same person', () => {
  expect(touchedBy(step({ tag: 'update', new: ['ada', '1', 'y'] }), byBoth)).toEqual([
    { user: 'ada', scope: '["1"]' },
  ])
})

test('what is not known concerns everybody', () => {
  expect(touchedBy(step({ tag: 'update', new: ['ada', '1', 'y'] }, ['role']), byBoth)).toEqual(everything)
  expect(touchedBy(step({ tag: 'delete', old: [undefined, undefined, 'x'] }, ['role']), byBoth)).toEqual(
    everything,
  )
  expect(touchedBy({ tag: 'truncate', relations: [] }, byBoth)).toEqual(everything)
  expect(touchedBy(step({ tag: 'insert', new: [null, '1', 'x'] }), byBoth)).toEqual(everything)
})

test('a scope that is not named is every scope, a person that is not named is everybody', () => {
  expect(touchedBy(step({ tag: 'insert', new: ['ada', '1', 'x'] }), rule('user_id', []))).toEqual([
    { user: 'ada', scope: null },
  ])
  expect(touchedBy(step({ tag: 'insert', new: ['ada', '1', 'x'] }), rule(null, ['room_id']))).toEqual([
    { user: null, scope: '["1"]' },
  ])
})
