import type { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import * as ws from 'ws'
import { type Frame, frameOf, sharedFrame } from './frame'

// The types of the package leave it out.
const { Receiver } = ws as unknown as { Receiver: new (options: { isServer: boolean }) => Writable }

/** What a real receiver makes of a frame. */
function received(frame: Frame): Promise<{ text: string; binary: boolean }> {
  const receiver = new Receiver({ isServer: false })
  return new Promise((resolve, reject) => {
    receiver.on('message', (data: Buffer, binary: boolean) => resolve({ text: data.toString(), binary }))
    receiver.on('error', reject)
    for (const piece of Buffer.isBuffer(frame) ? [frame] : frame) receiver.write(piece)
  })
}

test.each([0, 125, 126, 65_535, 65_536])('%i bytes arrive as they were', async (length) => {
  const text = 'x'.repeat(length)
  expect(await received(frameOf(text))).toEqual({ text, binary: false })
  expect(await received(frameOf(Buffer.from(text)))).toEqual({ text, binary: true })
  const split = sharedFrame('für dich: ', Buffer.from(text))
  expect(await received(split)).toEqual({ text: `für dich: ${text}`, binary: false })
})
