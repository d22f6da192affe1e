import type { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import * as ws from 'ws'
import { frameOf, SharedFrame } from './frame'

// The types of the package leave it out.
const { Receiver } = ws as unknown as { Receiver: new (options: { isServer: boolean }) => Writable }

/** What a real receiver makes of a frame. */
function received(pieces: Buffer[]): Promise<{ text: string; binary: boolean }> {
  const receiver = new Receiver({ isServer: false })
  return new Promise((resolve, reject) => {
    receiver.on('message', (data: Buffer, binary: boolean) => resolve({ text: data.toString(), binary }))
    receiver.on('error', reject)
    for (const piece of pieces) receiver.write(piece)
  })
}

test.each([0, 125, 126, 65_535, 65_536])('%i bytes arrive as they were', async (length) => {
  const text = 'x'.repeat(length)
  expect(await received([frameOf(text)])).toEqual({ text, binary: false })
  expect(await received([frameOf(Buffer.from(text))])).toEqual({ text, binary: true })
  for (const end of ['', ' – Ende']) {
    const frame = new SharedFrame('für dich: ', Buffer.from(text), end)
    const whole = { text: `für dich: ${text}${end}`, binary: false }
    expect(await received(frame.pieces())).toEqual(whole)
    const bytes = Buffer.alloc(3 + frame.length)
    expect(frame.writeTo(bytes, 3)).toBe(bytes.length)
    expect(await received([bytes.subarray(3)])).toEqual(whole)
  }
})
