import { expect, test } from 'vitest'
import { csvToJson, rowsPayload } from './body'
import { customHeaders, fromDatabase } from './errors'
import { Lru } from './lru'
import { chooseMedia, negotiate } from './media'
import { nearest } from './nearest'
import { appliedPreferences, parsePreferences } from './preferences'
import { contentRange, rangeStatus, requestedRange } from './range'

test('preferences: known ones, the first of a kind, and strictness', () => {
  const preferences = parsePreferences(
    'return=representation, count=exact,return=minimal, foo=bar, timezone=Mars/Base',
  )
  expect(preferences).toEqual({ return: 'representation', count: 'exact' })
  expect(appliedPreferences(preferences, ['count', 'return'])).toBe('return=representation, count=exact')
  expect(appliedPreferences(preferences, ['tx'])).toBeNull()
  expect(() => parsePreferences('handling=strict, foo=bar, count=some')).toThrow(
    'Invalid preferences given with handling=strict',
  )
  expect(parsePreferences('handling=lenient, foo=bar')).toEqual({ handling: 'lenient' })
})

test('media: by weight, by what there is', () => {
  expect(negotiate('text/html,application/json;q=0.5').kind).toBe('json')
  expect(negotiate('application/json;q=0.1, text/csv').kind).toBe('csv')
  expect(negotiate('application/vnd.pgrst.object+json;nulls=stripped')).toMatchObject({
    kind: 'object',
    stripNulls: true,
  })
  expect(negotiate('image/png')).toMatchObject({ kind: 'none', wanted: [{ type: 'image/png', form: null }] })
  expect(negotiate('application/vnd.pgrst.plan+json').kind).toBe('none')
  expect(() => chooseMedia(negotiate('image/png'), () => null)).toThrow(
    'None of these media types are available: image/png',
  )
})

test('ranges: query and header narrow each other', () => {
  expect(requestedRange(null, null, null)).toEqual({ offset: 0, limit: null })
  expect(requestedRange('10', '5', null)).toEqual({ offset: 5, limit: 10 })
  expect(requestedRange(null, null, '2-4')).toEqual({ offset: 2, limit: 3 })
  expect(requestedRange(null, null, 'items=2-')).toEqual({ offset: 2, limit: null })
  expect(requestedRange('2', null, '1-9')).toEqual({ offset: 1, limit: 1 })
  expect(requestedRange('2', '8', '0-3')).toEqual({ offset: 8, limit: 0 })
  expect(() => requestedRange('-1', null, null)).toThrow('Requested range not satisfiable')
  expect(() => requestedRange('1.5', null, null)).toThrow('failed to parse limit (1.5)')
  expect([contentRange(0, 3, 9), contentRange(5, 0, 5), contentRange(0, 2, null)]).toEqual([
    '0-2/9',
    '*/5',
    '0-1/*',
  ])
  expect([rangeStatus(0, 3, 3), rangeStatus(0, 2, 3), rangeStatus(0, 0, null)]).toEqual([200, 206, 200])
})

test('bodies: the keys of all objects agree', () => {
  expect(rowsPayload('{"b":1,"a":2}', false)).toEqual({ json: '[{"b":1,"a":2}]', keys: ['a', 'b'] })
  expect(rowsPayload(' [{"a":1},{"a":2}]', true)).toEqual({ json: ' [{"a":1},{"a":2}]', keys: [] })
  for (const text of ['', '{', '1', '[1]', '[[]]', 'null', '[{"a":1},{"b":1}]', '[{"a":1},{}]'])
    expect(() => rowsPayload(text, false), text).toThrow()
  expect(csvToJson('a,b\n1,"x ""y"", z"\r\nNULL,')).toBe('[{"a":"1","b":"x \\"y\\", z"},{"a":null,"b":""}]')
  expect(() => csvToJson('a,b\n1')).toThrow('All lines must have same number of fields')
})

test('names: what was meant', () => {
  expect(nearest('mesages', ['channels', 'messages'])).toBe('messages')
  expect(nearest('zzz', ['channels', 'messages'])).toBeNull()
})

test('the least recently used entry goes first', () => {
  const lru = new Lru<number>(2)
  lru.set('a', 1)
  lru.set('b', 2)
  lru.get('a')
  lru.set('c', 3)
  expect([lru.get('a'), lru.get('b'), lru.get('c')]).toEqual([1, undefined, 3])
})

test('headers that SQL sets cannot break the response', () => {
  expect(customHeaders([['X-Made', 'yes']])).toEqual({ 'x-made': 'yes' })
  for (const [name, value] of [
    ['content-length', '0'],
    ['Transfer-Encoding', 'chunked'],
    ['x', 'a\r\nb: c'],
    ['a b', 'c'],
    ['x', 1],
  ])
    expect(() => customHeaders([[String(name), value]])).toThrow()
})

test('errors without a SQLSTATE are the connection, or a bug that must not look like one', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED'), {
    code: 'ECONNREFUSED',
    syscall: 'connect',
  })
  expect(fromDatabase(refused, true)).toMatchObject({ status: 503, code: 'PGRST001' })
  expect(fromDatabase(new Error('Connection terminated unexpectedly'), true)).toMatchObject({ status: 503 })
  expect(() => fromDatabase(new TypeError('x is not a function'), true)).toThrow('x is not a function')
  const raised = Object.assign(new Error('no'), { severity: 'ERROR', code: '42501' })
  expect([fromDatabase(raised, true).status, fromDatabase(raised, false).status]).toEqual([401, 403])
})
