// @vitest-environment jsdom
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { useForm } from './use-form'

afterEach(cleanup)

type Props = { submit(values: { name: string; email: string }): Promise<unknown> }

function Form({ submit }: Props) {
  const { form, field, problems, busy } = useForm({
    initial: { name: '', email: '' },
    check: ({ name }) => ({ name: name ? undefined : 'Enter a name.' }),
    submit,
    explain: (error) => ({ email: (error as Error).message }),
  })
  return (
    <form {...form} aria-label="form" aria-busy={busy}>
      {(['name', 'email'] as const).map((key) => {
        const { error, onChange, ...rest } = field(key)
        const wrong = error ? true : undefined
        return (
          <input
            key={key}
            aria-label={key}
            aria-invalid={wrong}
            {...rest}
            onChange={(event) => onChange(event.target.value)}
          />
        )
      })}
      <p>{problems.name ?? problems.email}</p>
    </form>
  )
}

const type = (label: string, value: string) =>
  fireEvent.change(screen.getByLabelText(label), { target: { value } })
const send = () => act(async () => void fireEvent.submit(screen.getByLabelText('form')))

test('what is wrong is said before anything is sent, and gets the focus', async () => {
  const submit = vi.fn()
  render(<Form submit={submit} />)
  await send()
  expect(screen.getByText('Enter a name.')).toBeTruthy()
  expect(document.activeElement).toBe(screen.getByLabelText('name'))
  expect(submit).not.toHaveBeenCalled()
  type('name', 'Ada')
  expect(screen.queryByText('Enter a name.')).toBeNull()
})

test('a refusal is shown at its field, what was typed stays', async () => {
  render(<Form submit={() => Promise.reject(new Error('Taken.'))} />)
  type('name', 'Ada')
  type('email', 'a@b.c')
  await send()
  expect(screen.getByText('Taken.')).toBeTruthy()
  expect(document.activeElement).toBe(screen.getByLabelText('email'))
  expect(screen.getByLabelText<HTMLInputElement>('email').value).toBe('a@b.c')
  expect(screen.getByLabelText('form').getAttribute('aria-busy')).toBe('false')
})

test('it is sent once, however often somebody presses Enter', async () => {
  const submit = vi.fn(() => new Promise(() => {}))
  render(<Form submit={submit} />)
  type('name', 'Ada')
  await send()
  await send()
  expect(submit).toHaveBeenCalledTimes(1)
})
