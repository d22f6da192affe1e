// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { IntlProvider } from 'use-intl'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import messages from '@/locales/en.json'
import { showToast } from '@/ui/toast'
import { Player } from './player'
import { getAddress } from './queries'

vi.mock('./queries', async (original) => ({ ...(await original<object>()), getAddress: vi.fn() }))
vi.mock('@/ui/toast', () => ({ showToast: vi.fn() }))

let clock = 0
beforeEach(() => {
  let count = 0
  vi.mocked(getAddress).mockImplementation(async () => `https://chat.test/film?token=${++count}`)
  vi.spyOn(Date, 'now').mockImplementation(() => clock)
})
afterEach(() => {
  cleanup()
  vi.clearAllMocks()
})

async function openFilm(): Promise<HTMLVideoElement> {
  const film = { id: 'f', name: 'film.mp4', type: 'video/mp4', size: 5_000_000 }
  render(
    <IntlProvider locale="en" messages={messages}>
      <Player client={{} as never} channelId="c" attachment={film} />
    </IntlProvider>,
  )
  fireEvent.click(screen.getByRole('button', { name: 'Play film.mp4' }))
  return (await screen.findByLabelText('film.mp4')) as HTMLVideoElement
}

test('what plays on after its address has ended goes on where it was, with another', async () => {
  const film = await openFilm()
  expect(film.src).toBe('https://chat.test/film?token=1')
  clock += 61_000
  film.currentTime = 42
  fireEvent.error(film)
  await vi.waitFor(() => expect(film.src).toBe('https://chat.test/film?token=2'))
  film.currentTime = 0
  fireEvent.loadedMetadata(film)
  expect(film.currentTime).toBe(42)
  expect(showToast).not.toHaveBeenCalled()
})

test.each([
  ['that the browser cannot play', 0, 61_000],
  ['that breaks before its address ends', 42, 30_000],
])('a film %s is given up, and said', async (_what, at, after) => {
  const film = await openFilm()
  clock += after
  film.currentTime = at
  fireEvent.error(film)
  await screen.findByRole('button', { name: 'Play film.mp4' })
  expect(showToast).toHaveBeenCalledWith(messages.attachments.cannotPlay)
  expect(getAddress).toHaveBeenCalledTimes(1)
})

test('a right that has gone meanwhile ends it with the reason', async () => {
  const film = await openFilm()
  vi.mocked(getAddress).mockRejectedValueOnce({ code: 'not_found', status: 400, message: 'Object not found' })
  clock += 61_000
  film.currentTime = 42
  fireEvent.error(film)
  await screen.findByRole('button', { name: 'Play film.mp4' })
  expect(showToast).toHaveBeenCalledTimes(1)
})
