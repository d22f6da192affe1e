import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { broken, close } from './close'
import { encode, encodeBroadcast, encodeText } from './codec'
import { parseJoin } from './join'
import { parsePresence } from './presence'
import { reply } from './reply'
import { system } from './system'

/**
 * One of each message in both serializers. Clients of every version are out there: a changed hash is a changed
 * protocol. Change it only for what realtime-js understands, and say in the commit which clients that are.
 */
test('what travels on the wire stays what it is', () => {
  const topic = 'realtime:room'
  const push = { joinRef: '1', ref: '2', topic, event: 'broadcast', payload: {} }
  const wire: (string | null)[] = []
  for (const vsn of ['1.0.0', '2.0.0'] as const) {
    wire.push(
      encode(vsn, reply(push, 'ok')),
      encode(vsn, reply(push, 'error', { reason: 'unmatched topic' })),
      encode(vsn, close(topic, '1')),
      encode(vsn, broken(topic, '1')),
      encode(vsn, system(topic, '1', 'postgres_changes', 'ok', 'Subscribed to PostgreSQL')),
      encodeText(vsn, { joinRef: '1', ref: null, topic, event: 'presence_state' }, '{}'),
      encodeText(
        vsn,
        { joinRef: null, ref: null, topic, event: 'presence_diff' },
        '{"joins":{},"leaves":{}}',
      ),
      encodeText(
        vsn,
        { joinRef: null, ref: null, topic, event: 'postgres_changes' },
        '{"ids":[1],"data":{}}',
      ),
      encodeText(vsn, { joinRef: null, ref: null, topic, event: 'INSERT' }, '{}'),
      String(encodeBroadcast(vsn, topic, { event: 'e', json: '{}', meta: '{"id":"1"}' })),
      encodeBroadcast(vsn, topic, { event: 'e', bytes: Buffer.from([1]) })?.toString('base64') ?? null,
    )
  }
  wire.push(JSON.stringify([parseJoin({ config: {} }, 'room'), parsePresence({ event: 'untrack' })]))
  const hash = createHash('sha256').update(JSON.stringify(wire)).digest('hex').slice(0, 16)
  expect(hash).toBe('cfdb2e520ede86f2')
})
