// @vitest-environment jsdom
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { type ReactNode, useState } from 'react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { I18nProvider } from '@/lib/i18n'
import { ConfirmDialogContent } from './confirm-dialog-content'
import { Dialog } from './dialog'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  cleanup()
  vi.useRealTimers()
})

type Opened = (close: () => void) => ReactNode

const dialog: Opened = (close) => (
  <Dialog title="What it is" onClose={close}>
    <input aria-label="field" />
  </Dialog>
)
const question: Opened = (close) => (
  <ConfirmDialogContent title="Really?" confirm="Yes" onConfirm={() => {}} onClose={close} />
)

function Screen({ opened }: { opened: Opened }) {
  const [open, setOpen] = useState(false)
  const [gone, setGone] = useState(false)
  return (
    <main tabIndex={-1}>
      <article tabIndex={-1} aria-label="row">
        {!gone && (
          <button type="button" onClick={() => setOpen(true)}>
            open
          </button>
        )}
      </article>
      <input aria-label="elsewhere" />
      {open && opened(() => setOpen(false))}
      <output onClick={() => setGone(true)} onKeyDown={() => {}}>
        gone
      </output>
    </main>
  )
}

function openFrom(opened: Opened) {
  render(
    <I18nProvider>
      <Screen opened={opened} />
    </I18nProvider>,
  )
  const button = screen.getByRole('button', { name: 'open' })
  button.focus()
  fireEvent.click(button)
  act(() => vi.runAllTimers())
  expect(document.activeElement).not.toBe(button)
}

function pressEscape() {
  fireEvent.keyDown(document.activeElement as Element, { key: 'Escape' })
  act(() => vi.runAllTimers())
}

const focused = () =>
  document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent

test.each([
  ['a dialog', dialog],
  ['a question', question],
])('%s gives the focus back to what opened it', (_what, opened) => {
  openFrom(opened)
  pressEscape()
  expect(screen.queryByRole('dialog')).toBeNull()
  expect(focused()).toBe('open')
})

test('where that is gone, to the row it was in', () => {
  openFrom(dialog)
  fireEvent.click(screen.getByText('gone'))
  pressEscape()
  expect(focused()).toBe('row')
})

test('a menu that closes while its dialog opens says which button it was', () => {
  const late: Opened = (close) => {
    setTimeout(() => screen.getByText('open').focus())
    return dialog(close)
  }
  render(
    <I18nProvider>
      <Screen opened={late} />
    </I18nProvider>,
  )
  fireEvent.click(screen.getByText('open'))
  act(() => vi.runAllTimers())
  expect(focused()).toBe('field')
  pressEscape()
  expect(focused()).toBe('open')
})

test('whoever moved the focus on keeps it', () => {
  const leave: Opened = (close) => (
    <Dialog title="What it is" onClose={close}>
      <button
        type="button"
        onClick={() => {
          close()
          setTimeout(() => screen.getByLabelText('elsewhere').focus())
        }}
      >
        leave
      </button>
    </Dialog>
  )
  openFrom(leave)
  fireEvent.click(screen.getByText('leave'))
  act(() => vi.runAllTimers())
  expect(focused()).toBe('elsewhere')
})
