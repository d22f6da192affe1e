// @vitest-environment jsdom
import { act, renderHook, waitFor } from '@testing-library/react'
import { expect, test, vi } from 'vitest'
import { usePages } from './use-pages'

test('adds pages until one is not full', async () => {
  const load = vi.fn(async (last: number | null) => (last === null ? [1, 2] : [3]))
  const { result } = renderHook(() => usePages('all', load, 2))
  await waitFor(() => expect(result.current.items).toEqual([1, 2]))
  expect(result.current.hasMore).toBe(true)
  act(() => result.current.more())
  await waitFor(() => expect(result.current.items).toEqual([1, 2, 3]))
  expect(load).toHaveBeenLastCalledWith(2)
  expect(result.current.hasMore).toBe(false)
})

test('an answer to an earlier question is thrown away', async () => {
  const answers: Record<string, (items: string[]) => void> = {}
  const load = (key: string) => () => new Promise<string[]>((resolve) => (answers[key] = resolve))
  const { result, rerender } = renderHook(({ key }) => usePages(key, load(key)), {
    initialProps: { key: 'a' },
  })
  rerender({ key: 'ab' })
  await act(async () => answers.ab?.(['new']))
  await act(async () => answers.a?.(['old']))
  expect(result.current.items).toEqual(['new'])
})

test('a failure keeps what is there and can be tried again', async () => {
  let broken = true
  const load = async () => {
    if (broken) throw new Error('no')
    return ['ok']
  }
  const { result } = renderHook(() => usePages('x', load))
  await waitFor(() => expect(result.current.phase).toBe('failed'))
  broken = false
  act(() => result.current.retry())
  await waitFor(() => expect(result.current.items).toEqual(['ok']))
})

test('what failed without a network is loaded when there is one again', async () => {
  let broken = true
  const load = vi.fn(async () => {
    if (broken) throw new TypeError('Failed to fetch')
    return ['a']
  })
  const { result } = renderHook(() => usePages('all', load))
  await waitFor(() => expect(result.current.phase).toBe('failed'))
  broken = false
  act(() => void window.dispatchEvent(new Event('online')))
  await waitFor(() => expect(result.current.items).toEqual(['a']))
})
