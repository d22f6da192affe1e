import type { WebSocket } from 'playwright-core'
import { expect, test } from 'vitest'
import { eventually } from './api'
import { crew } from './crew'
import { t } from './texts'

/** A sign-in is renewed every hour, in whichever tab notices first; the one socket of the browser has to hear of it. */
const people = crew(['ada'])

test('a token that one tab renews reaches the open socket of another', async () => {
  const { ada } = people
  const sockets: WebSocket[] = []
  const told = new Set<string>()
  ada.context.on('page', (page) => page.on('websocket', watch))
  ada.page.on('websocket', watch)
  function watch(socket: WebSocket) {
    sockets.push(socket)
    socket.on('framesent', ({ payload }) => {
      const token = /"access_token",\{"access_token":"([^"]+)"/.exec(String(payload))?.[1]
      if (token) told.add(token)
    })
  }
  await ada.signUp()
  await ada.createWorkspace('Renewals')
  await ada.composer('general').waitFor()
  await eventually('the socket is open', () => sockets.length === 1)
  const other = await ada.openTab(ada.page.url())
  await other.composer('general').waitFor()

  await other.page.evaluate(() => {
    const key = Object.keys(localStorage).find((name) => name.endsWith('-auth-token')) as string
    const session = JSON.parse(localStorage.getItem(key) as string)
    localStorage.setItem(key, JSON.stringify({ ...session, expires_at: 1 }))
  })
  // The next request of that tab finds the token ended, and renews it first.
  await other.say('general', 'with a new token')
  const renewed = await eventually('the session is renewed', () =>
    other.page.evaluate(() => {
      const key = Object.keys(localStorage).find((name) => name.endsWith('-auth-token')) as string
      const { access_token, expires_at } = JSON.parse(localStorage.getItem(key) as string)
      return expires_at > 1 && (access_token as string)
    }),
  )
  await eventually('the socket is told', () => told.has(renewed))
  await ada.message('with a new token').waitFor()
  expect(sockets).toHaveLength(1)
  expect(sockets[0]?.isClosed()).toBe(false)
  expect(await ada.page.getByText(t('app.trouble_reconnecting')).count()).toBe(0)
})
