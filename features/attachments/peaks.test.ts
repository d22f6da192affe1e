import { describe, expect, test } from 'vitest'
import { peaks } from './peaks'
import { extensionOf, kindOf } from './schema'

describe('the shape of a recording', () => {
  test('is the loudest moment of each part, relative to the loudest of all', () => {
    expect(peaks(new Float32Array([0, 0.1, -0.5, 0.2, 0, 0.25]), 3)).toEqual([20, 100, 50])
  })

  test('is flat for silence, and never longer than the database takes', () => {
    expect(peaks(new Float32Array(1000))).toEqual(Array(63).fill(0))
    expect(peaks(new Float32Array(480_001)).length).toBeLessThanOrEqual(64)
    expect(peaks(new Float32Array(0))).toEqual([])
  })
})

describe('how a file is shown', () => {
  const file = { id: '', name: '', size: 1 }

  test.each([
    ['image', { type: 'image/png', width: 3, height: 2 }],
    ['other', { type: 'image/png' }],
    ['text', { type: 'image/svg+xml', width: 3, height: 2 }],
    ['other', { type: 'image/heic' }],
    ['text', { type: 'text/html' }],
    ['voice', { type: 'audio/webm', waveform: [1] }],
    ['audio', { type: 'audio/webm' }],
    ['video', { type: 'video/mp4' }],
    ['pdf', { type: 'application/pdf' }],
    ['text', { type: 'application/json' }],
    ['text', { type: 'text/plain' }],
  ])('%s: %j', (kind, values) => {
    expect(kindOf({ ...file, ...values })).toBe(kind)
  })

  test.each([
    ['a.b.PNG', 'png'],
    ['none', ''],
    ['x.averyveryverylongone', ''],
    ['.env', 'env'],
  ])('the ending of %s is "%s"', (name, extension) => expect(extensionOf(name)).toBe(extension))
})
