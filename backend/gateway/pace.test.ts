import { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { limitPace } from './pace'

const pace = { deadlineMs: 1000, windowMs: 100, leastBytes: 10 }
const file = '/storage/v1/object/files/a.bin'
const other = '/rest/v1/messages'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A request whose body comes in as the test says. */
function sending(path: string, headers: Record<string, string> = { 'content-length': '100000' }) {
  const socket = { bytesRead: 500, destroy: vi.fn() }
  const request = Object.assign(new EventEmitter(), { headers, socket, complete: false, readableLength: 0 })
  limitPace(request as unknown as IncomingMessage, path, pace)
  return { request, socket }
}

test('a file may take its time as long as it comes', () => {
  const { socket } = sending(file, { 'transfer-encoding': 'chunked' })
  for (let window = 0; window < 100; window++) {
    socket.bytesRead += 10
    vi.advanceTimersByTime(100)
  }
  expect(socket.destroy).not.toHaveBeenCalled()
  socket.bytesRead += 9
  vi.advanceTimersByTime(100)
  expect(socket.destroy).toHaveBeenCalled()
})

test('a delay of ours is not held against the client', () => {
  const { request, socket } = sending(file)
  request.readableLength = 65_536
  vi.advanceTimersByTime(1000)
  expect(socket.destroy).not.toHaveBeenCalled()
  request.readableLength = 0
  vi.advanceTimersByTime(100)
  expect(socket.destroy).toHaveBeenCalled()
})

test('every other body has to be there in time', () => {
  const { socket } = sending(other)
  vi.advanceTimersByTime(999)
  expect(socket.destroy).not.toHaveBeenCalled()
  socket.bytesRead += 1000
  vi.advanceTimersByTime(1)
  expect(socket.destroy).toHaveBeenCalled()
})

test('a body that has come, a request that is over and one without a body are left alone', () => {
  const complete = sending(other)
  complete.request.complete = true
  const closed = sending(file)
  closed.request.emit('close')
  const empty = sending(file, {})
  vi.advanceTimersByTime(10_000)
  for (const { socket } of [complete, closed, empty]) expect(socket.destroy).not.toHaveBeenCalled()
  expect(vi.getTimerCount()).toBe(0)
})
