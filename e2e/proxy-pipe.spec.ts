import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { createPipe } from './proxy-pipe'

/** A pipe whose ends are looked at: `arrived` is what its far end was given so far. */
function openPipe() {
  let arrived = ''
  const from = Object.assign(new EventEmitter(), { setNoDelay() {}, pause() {}, resume() {} })
  const to = Object.assign(new EventEmitter(), {
    writable: true,
    write(bytes: Buffer) {
      arrived += bytes
    },
  })
  const pipe = createPipe(from as unknown as Socket, to as unknown as Socket)
  return { pipe, send: (text: string) => from.emit('data', Buffer.from(text)), arrived: () => arrived }
}

test('what arrives of a line that breaks is a beginning of what was sent', async () => {
  const { pipe, send, arrived } = openPipe()
  send('one ')
  const torn = new Promise<void>((resolve) => pipe.tear(resolve))
  send('two ')
  send('three')
  await torn
  expect(arrived()).toBe('one tw')
})

test('also where bytes are still on their way', async () => {
  const { pipe, send, arrived } = openPipe()
  send('one ')
  pipe.slow({ delayMs: 60_000, dripBytes: 0 })
  send('two ')
  const torn = new Promise<void>((resolve) => pipe.tear(resolve))
  send('three')
  await torn
  expect(arrived()).toBe('one ')
})
