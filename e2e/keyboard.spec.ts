import { afterAll, beforeAll, expect, test } from 'vitest'
import { crew } from './crew'
import { t } from './texts'

/** Everything here is done with keys. Another person has prepared the workspace with a mouse. */
const people = crew(['ada'])
const focusedRow = () =>
  people.ada.page.evaluate(() => {
    const element = document.activeElement
    return element?.tagName === 'ARTICLE' ? (element.getAttribute('aria-label') ?? '') : ''
  })

beforeAll(async () => {
  const { ada } = people
  await ada.signUp()
  await ada.createWorkspace('Keys')
  await ada.composer('general').waitFor()
  await ada.signOut()
  await ada.page.evaluate(() => {
    addEventListener('pointerdown', () => Object.assign(globalThis, { mouseUsed: true }), true)
  })
})

afterAll(async () => {
  expect(await people.ada.page.evaluate(() => 'mouseUsed' in globalThis)).toBe(false)
})

test('sign in', async () => {
  const { ada } = people
  const { keyboard } = ada.page
  await ada.field(t('auth.email')).waitFor()
  await expect
    .poll(() => ada.field(t('auth.email')).evaluate((field) => field === document.activeElement))
    .toBe(true)
  await keyboard.type(ada.email)
  await keyboard.press('Tab')
  await keyboard.type('correct horse battery')
  await keyboard.press('Enter')
  await ada.composer('general').waitFor()
})

test('switch the channel, with the arrows and with the switcher', async () => {
  const { ada } = people
  const { keyboard } = ada.page
  await keyboard.press('Alt+ArrowDown')
  await ada.composer('random').waitFor()
  await keyboard.press('Control+k')
  await ada.dialog(t('switcher.title')).waitFor()
  await keyboard.type('gener')
  await ada.page.getByRole('option', { name: /general/ }).waitFor()
  await keyboard.press('Enter')
  await ada.composer('general').waitFor()
})

test('write and send, without looking for the field', async () => {
  const { ada } = people
  const { keyboard } = ada.page
  await keyboard.type('Sent by keys')
  await keyboard.press('Shift+Enter')
  await keyboard.type('in two lines')
  await keyboard.press('Enter')
  await ada.stored('Sent by keys')
  expect(await ada.message('in two lines').count()).toBe(1)
})

test('edit the last message with the arrow up', async () => {
  const { ada } = people
  const { keyboard } = ada.page
  await keyboard.press('ArrowUp')
  await ada.page.getByRole('textbox', { name: t('composer.editLabel') }).waitFor()
  await keyboard.press('Control+a')
  await keyboard.type('Edited by keys')
  await keyboard.press('Enter')
  await ada.message('Edited by keys').getByText(t('messages.edited')).waitFor()
})

test('reach the message, open its thread, reply, and come back', async () => {
  const { ada } = people
  const { keyboard } = ada.page
  await ada.message('Edited by keys').getByText(t('messages.edited')).waitFor()
  await keyboard.press('Shift+F6')
  await expect.poll(focusedRow).toContain('Edited by keys')
  await keyboard.press('t')
  const reply = ada.page.getByRole('textbox', { name: t('composer.placeholderThread') })
  await expect
    .poll(() => reply.evaluate((field) => field === document.activeElement).catch(() => false))
    .toBe(true)
  await keyboard.type('A reply by keys')
  await keyboard.press('Enter')
  await ada.page.getByRole('log').last().getByRole('article').filter({ hasText: 'A reply by keys' }).waitFor()
  await keyboard.press('Escape')
  await reply.waitFor({ state: 'detached' })
  await ada
    .message('Edited by keys')
    .getByText(t('messages.replies', { count: 1 }))
    .waitFor()
})
