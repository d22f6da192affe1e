// @vitest-environment jsdom
import { act, cleanup, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { TooltipLayer } from './tooltip-layer'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  cleanup()
  vi.useRealTimers()
})

/** A control under the pointer for as long as it takes. */
function hover(change: (control: HTMLElement) => void = () => {}) {
  render(
    <>
      <button type="button">
        <span data-tooltip="Everything">Every…</span>
      </button>
      <TooltipLayer />
    </>,
  )
  const control = screen.getByRole('button')
  screen.getByText('Every…').dispatchEvent(new Event('pointerover', { bubbles: true }))
  change(control)
  act(() => vi.advanceTimersByTime(1_000))
}

test('says what is under the pointer', () => {
  hover()
  expect(screen.queryByText('Everything')).not.toBeNull()
})

test('is silent about a control that has opened something meanwhile', () => {
  hover((control) => control.setAttribute('aria-expanded', 'true'))
  expect(screen.queryByText('Everything')).toBeNull()
})
