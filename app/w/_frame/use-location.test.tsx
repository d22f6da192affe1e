// @vitest-environment jsdom
import { act, cleanup, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { channelPath, navigate, useLocation, useOpenChannel } from './location'

// As Next.js leaves an entry.
const entry = { __NA: true, __PRIVATE_NEXTJS_INTERNALS_TREE: { tree: ['w'] } }
const router = vi.fn()

beforeEach(() => {
  window.history.replaceState(entry, '', channelPath('acme', 'one'))
  window.addEventListener('popstate', router)
})
afterEach(() => {
  window.removeEventListener('popstate', router)
  router.mockReset()
  cleanup()
})

function Where() {
  const { view } = useLocation()
  return <output>{view.name === 'conversation' ? view.channelId : view.name}</output>
}

const shown = () => screen.getByRole('status').textContent
const arriveAt = (path: string) =>
  act(() => {
    window.history.replaceState(entry, '', path)
    window.dispatchEvent(new PopStateEvent('popstate', { state: entry }))
  })

test('an address keeps what Next.js needs to come back to it, and is drawn at once', () => {
  render(<Where />)
  act(() => navigate(channelPath('acme', 'two')))
  expect(shown()).toBe('two')
  expect(window.history.state).toEqual(entry)
})

test('back and forward inside of a workspace are not for the router; the way out is', () => {
  render(<Where />)
  arriveAt(channelPath('acme', 'three'))
  expect(shown()).toBe('three')
  expect(router).not.toHaveBeenCalled()
  arriveAt('/sign-in')
  expect(router).toHaveBeenCalledOnce()
})

test('where no workspace is drawn, the router hears of everything', () => {
  arriveAt(channelPath('acme', 'one'))
  expect(router).toHaveBeenCalledOnce()
})

const drawn: string[] = []
function Row({ id }: { id: string }) {
  drawn.push(`${id} ${useOpenChannel((open) => open === id)}`)
  return null
}

test('only the rows of the channel before and the channel after are drawn again', () => {
  render(['one', 'two', 'three'].map((id) => <Row key={id} id={id} />))
  drawn.length = 0
  act(() => navigate(channelPath('acme', 'two')))
  expect(drawn.sort()).toEqual(['one false', 'two true'])
})
