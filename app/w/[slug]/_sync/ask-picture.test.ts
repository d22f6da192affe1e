import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { setWorkspaces } from '@/features/workspaces/store'
import { createPictureQuestion } from './ask-picture'
import type { Bootstrap } from './ports'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

function setup() {
  let asked = 0
  const ask = vi.fn(async (_: { workspace_slug: string; since?: string }) => {
    asked += 1
    return { workspace: { id: 'w' }, as_of: `${asked}:${asked}:` } as Bootstrap
  })
  const question = createPictureQuestion('acme', ask)
  const since = async () => {
    await question()
    return ask.mock.lastCall?.[0].since
  }
  return { ask, since }
}

test('asks for everything first, then for what has changed since the answer before', async () => {
  const { ask, since } = setup()
  setWorkspaces([], null)
  expect(await since()).toBe(undefined)
  setWorkspaces([], 'w')
  expect(await since()).toBe('1:1:')
  expect(await since()).toBe('2:2:')
  ask.mockRejectedValueOnce(new Error('away'))
  await expect(since()).rejects.toThrow('away')
  expect(await since()).toBe('3:3:')
})

test('asks for everything again when another workspace was on the screen, and after an hour', async () => {
  const { since } = setup()
  setWorkspaces([], 'w')
  await since()
  setWorkspaces([], 'other')
  expect(await since()).toBe(undefined)
  setWorkspaces([], 'w')
  expect(await since()).toBe('2:2:')
  vi.advanceTimersByTime(60 * 60_000)
  expect(await since()).toBe(undefined)
  expect(await since()).toBe('4:4:')
})
