// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import { useStateOf } from './use-state-of'

afterEach(cleanup)

function Counter({ owner }: { owner: string }) {
  const [count, setCount] = useStateOf(owner, 0)
  return (
    <button type="button" onClick={() => setCount(count + 1)}>
      {owner} {count}
    </button>
  )
}

const shown = () => screen.getByRole('button').textContent

test('one does not see what another has, and begins anew when it comes back', () => {
  const { rerender } = render(<Counter owner="a" />)
  fireEvent.click(screen.getByRole('button'))
  expect(shown()).toBe('a 1')
  rerender(<Counter owner="b" />)
  expect(shown()).toBe('b 0')
  rerender(<Counter owner="a" />)
  expect(shown()).toBe('a 0')
})

test('the same one keeps what it has', () => {
  const { rerender } = render(<Counter owner="a" />)
  fireEvent.click(screen.getByRole('button'))
  rerender(<Counter owner="a" />)
  expect(shown()).toBe('a 1')
})
