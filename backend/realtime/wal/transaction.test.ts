import { expect, test } from 'vitest'
import type { WalEvent } from './pgoutput'
import { Assembler } from './transaction'

const begin: WalEvent = { tag: 'begin', xid: 1, committedAt: new Date(0) }
const message = (content: string): WalEvent => ({ tag: 'message', prefix: 'p', content })

test('events between begin and commit are one transaction', () => {
  const assembler = new Assembler()
  expect(
    [begin, message('a'), { tag: 'other' } as const, message('b')].map(
      (event) => assembler.take(event).transaction,
    ),
  ).toEqual([null, null, null, null])
  expect(assembler.isOpen).toBe(true)
  expect(assembler.take({ tag: 'commit', endLsn: 9n })).toMatchObject({
    endLsn: 9n,
    transaction: { xid: 1, whole: true, steps: [{ content: 'a' }, { content: 'b' }] },
  })
  expect(assembler.isOpen).toBe(false)
})

test('a very large transaction comes in parts that know it', () => {
  const assembler = new Assembler(2)
  assembler.take(begin)
  assembler.take(message('a'))
  expect(assembler.take(message('b')).transaction).toMatchObject({
    whole: false,
    steps: [{ content: 'a' }, { content: 'b' }],
  })
  assembler.take(message('c'))
  expect(assembler.take({ tag: 'commit', endLsn: 1n }).transaction).toMatchObject({
    whole: false,
    steps: [{ content: 'c' }],
  })
})

test('messages outside a transaction are dropped', () => {
  expect(new Assembler().take(message('a'))).toEqual({ transaction: null, endLsn: null })
})
