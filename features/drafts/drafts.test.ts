// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Drafts } from './drafts'

beforeEach(() => {
  vi.useFakeTimers()
  localStorage.clear()
})
afterEach(() => {
  vi.useRealTimers()
})

function open(save = vi.fn(async (_channel: string, _thread: string | null, _body: string) => {})) {
  return { save, drafts: new Drafts({ userId: 'ada', storage: localStorage, save }) }
}

test('survives a reload at once and reaches the server after a pause in typing', async () => {
  const { drafts, save } = open()
  drafts.set('general', null, 'h')
  drafts.set('general', null, 'hello')
  drafts.set('general', 'root', 'in the thread')
  expect(open().drafts.body('general', null)).toBe('hello')
  expect(open().drafts.body('general', 'root')).toBe('in the thread')
  await vi.advanceTimersByTimeAsync(1_600)
  expect(save.mock.calls).toEqual([
    ['general', null, 'hello'],
    ['general', 'root', 'in the thread'],
  ])
})

test('a draft from another device appears, unless something newer is typed here', () => {
  const { drafts } = open()
  const row = {
    channel_id: 'general',
    thread_id: null,
    body: 'from the phone',
    updated_at: '2026-11-23T10:00:00Z',
  }
  drafts.applyRemote(row)
  expect(drafts.body('general', null)).toBe('from the phone')
  drafts.set('general', null, 'typing here')
  drafts.applyRemote({ ...row, body: 'late' })
  expect(drafts.body('general', null)).toBe('typing here')
})

test('a draft sent elsewhere goes away, one that never reached the server goes up now', async () => {
  const { drafts, save } = open()
  const at = '2026-11-23T10:00:00Z'
  drafts.applyRemote({ channel_id: 'general', thread_id: null, body: 'old', updated_at: at })
  drafts.set('random', null, 'unsaved')
  drafts.applyAll([], ['general', 'random'])
  expect(drafts.body('general', null)).toBe('')
  await vi.advanceTimersByTimeAsync(1)
  expect(save).toHaveBeenCalledWith('random', null, 'unsaved')
})

test('a failed save is tried again; clearing is told to the server too', async () => {
  const save = vi.fn(async () => {})
  save.mockRejectedValueOnce({ code: 'network', status: 0, message: '' })
  const { drafts } = open(save)
  drafts.set('general', null, 'hello')
  await vi.advanceTimersByTimeAsync(20_000)
  expect(save).toHaveBeenCalledTimes(2)
  drafts.set('general', null, '')
  await vi.advanceTimersByTimeAsync(2_000)
  expect(save).toHaveBeenLastCalledWith('general', null, '')
  expect(localStorage.length).toBe(0)
})

test('what is refused stays here, and is not sent again and again', async () => {
  const save = vi.fn(async () => {})
  save.mockRejectedValue({ code: 'not_allowed', status: 403, message: '' })
  const { drafts } = open(save)
  drafts.set('archived', null, 'hello')
  await vi.advanceTimersByTimeAsync(120_000)
  expect(save).toHaveBeenCalledTimes(1)
  expect(open().drafts.body('archived', null)).toBe('hello')
  drafts.applyAll([], ['archived'])
  await vi.advanceTimersByTimeAsync(1)
  expect(save).toHaveBeenCalledTimes(2)
})

test('what is typed in another tab of the browser shows here, unless something is being typed here', () => {
  const here = open().drafts
  const there = open().drafts
  const pass = (thread: string | null) => {
    const name = `enterprise-chat:ada:draft:general:${thread ?? ''}`
    here.heard(name, localStorage.getItem(name))
  }
  there.set('general', null, 'from there')
  pass(null)
  expect(here.body('general', null)).toBe('from there')
  here.set('general', 'root', 'from here')
  there.set('general', 'root', 'too late')
  pass('root')
  expect(here.body('general', 'root')).toBe('from here')
  localStorage.removeItem('enterprise-chat:ada:draft:general:')
  pass(null)
  expect(here.store.get()['general:']).toBeUndefined()
})
