import { expect, test } from 'vitest'
import type { BroadcastBody } from './broadcast'
import { close } from './close'
import { decodeBinary, decodeText, encode, encodeBroadcast, encodeText, FrameError, parseVsn } from './codec'
import { parseJoin } from './join'
import { parsePresence } from './presence'
import { reply } from './reply'

const push = { joinRef: '1', ref: '2', topic: 'realtime:ü', event: 'phx_close', payload: {} } as const

test('a message survives the way there and back in both serializers', () => {
  for (const vsn of ['1.0.0', '2.0.0'] as const) {
    const text = encodeText(vsn, push, '{}')
    expect(decodeText(vsn, text)).toEqual(push)
  }
})

test('the versions are told apart by their major number; none means the first', () => {
  expect([null, '1.0.0', '2.0.0', '2.1.0', '3.0.0', ''].map(parseVsn)).toEqual([
    '1.0.0',
    '1.0.0',
    '2.0.0',
    '2.0.0',
    null,
    null,
  ])
})

/** Kind 3, as realtime-js writes it. */
function userBroadcast(json: boolean, payload: Buffer, [joinRef, ref, topic, event, meta]: string[]): Buffer {
  const parts = [joinRef, ref, topic, event, meta].map((part) => Buffer.from(part ?? ''))
  return Buffer.concat([
    Buffer.from([3, ...parts.map((part) => part.length), json ? 1 : 0]),
    ...parts,
    payload,
  ])
}

test('broadcasts in binary frames are read, their metadata is dropped', () => {
  const fields = ['1', '7', 'realtime:ü', 'e', '{"id":"forged"}']
  expect(decodeBinary(userBroadcast(true, Buffer.from('{"a": 1}'), fields))).toEqual({
    joinRef: '1',
    ref: '7',
    topic: 'realtime:ü',
    event: 'broadcast',
    payload: { event: 'e', json: '{"a": 1}' },
  })
  const { payload } = decodeBinary(userBroadcast(false, Buffer.from([0, 255]), fields))
  expect(payload).toEqual({ event: 'e', bytes: Buffer.from([0, 255]) })
})

test('Phoenix’s own binary push is read', () => {
  const frame = Buffer.concat([
    Buffer.from([0, 1, 1, 5, 9]),
    Buffer.from('12topicbroadcast'),
    Buffer.from([9]),
  ])
  expect(decodeBinary(frame)).toMatchObject({ joinRef: '1', ref: '2', topic: 'topic', event: 'broadcast' })
})

test('every way to cut a binary frame short is refused or read, never anything else', () => {
  const frame = userBroadcast(true, Buffer.from('{}'), ['1', '2', 'realtime:a', 'e', ''])
  for (let length = 0; length < frame.length; length++) {
    expect(() => decodeBinary(frame.subarray(0, length))).toThrow(FrameError)
  }
})

test('bytes have a form in the second serializer only', () => {
  const body: BroadcastBody = { event: 'e', bytes: Buffer.from([1]), meta: '{"id":1}' }
  expect(encodeBroadcast('1.0.0', 't', body)).toBeNull()
  expect(encodeBroadcast('2.0.0', 't', body)).toEqual(
    Buffer.concat([Buffer.from([4, 1, 1, 8, 0]), Buffer.from('te{"id":1}'), Buffer.from([1])]),
  )
  expect(encodeBroadcast('2.0.0', 'x'.repeat(300), body)).toBeNull()
})

test('what is nested so deeply that it could not be written again is refused', () => {
  const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`
  const text = (levels: number) =>
    `["1","2","realtime:a","presence",{"event":"track","payload":{"a":${nested(levels)}}}]`
  expect(JSON.stringify(decodeText('2.0.0', text(400)).payload)).toContain('[[')
  const binary = (levels: number) =>
    userBroadcast(true, Buffer.from(nested(levels)), ['1', '2', 'realtime:a', 'e', ''])
  expect(decodeBinary(binary(400))).toMatchObject({ event: 'broadcast' })
  for (const levels of [1_000, 5_000, 100_000, 1_000_000]) {
    expect(() => decodeText('2.0.0', text(levels))).toThrow(FrameError)
    expect(() => decodeBinary(binary(levels))).toThrow(FrameError)
  }
})

test('a key that is longer than any id is not taken', () => {
  const key = (length: number) =>
    parseJoin({ config: { presence: { key: 'k'.repeat(length) } } }, 'a').presence.key.length
  expect([key(36), key(255), key(256), key(1_000_000)]).toEqual([36, 255, 0, 0])
})

test('wrong types in a join become defaults', () => {
  expect(parseJoin({ config: null }, 'a')).toEqual(
    parseJoin({ config: { broadcast: 'x', presence: [], postgres_changes: {}, private: 1 } }, 'a'),
  )
  const config = {
    ...{ private: 'TRUE', postgres_changes: [null, { event: '*' }] },
    broadcast: { self: 'true', ack: 'yes', replay: true },
  }
  expect(parseJoin({ config }, 'a')).toMatchObject({
    private: true,
    postgresChanges: [{ event: '*' }],
    broadcast: { self: true, ack: false, replay: null },
  })
})

test('a join without config is a subscription that the topic names', () => {
  const bindings = (name: string) => parseJoin({}, name).postgresChanges
  expect(bindings('public')).toEqual([{ schema: 'public' }])
  expect(bindings('public:notes')).toEqual([{ schema: 'public', table: 'notes' }])
  expect(bindings('public:notes:body=eq.a:b')).toEqual([
    { schema: 'public', table: 'notes', filter: 'body=eq.a:b' },
  ])
})

test('presence commands', () => {
  expect(parsePresence({ event: 'TRACK', payload: { a: 1 } })).toEqual({ kind: 'track', meta: { a: 1 } })
  expect(parsePresence({ event: 'track', payload: [1] })).toMatchObject({
    kind: 'invalid',
    reason: 'Presence track payload must be a map',
  })
  expect(parsePresence({ event: 'dance' })).toMatchObject({ kind: 'invalid' })
  expect(parsePresence(null)).toEqual({ kind: 'nothing' })
})

test('replies go to the refs of their push', () => {
  expect(encode('2.0.0', reply(push, 'error', { reason: 'r' }))).toBe(
    '["1","2","realtime:ü","phx_reply",{"status":"error","response":{"reason":"r"}}]',
  )
  expect(encode('1.0.0', close('t', '1'))).toBe(
    '{"topic":"t","event":"phx_close","payload":{},"ref":"1","join_ref":"1"}',
  )
})
