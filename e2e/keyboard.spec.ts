import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDatabase } from './api'
import { crew } from './crew'
import { product } from './shared-product'
import { t } from './texts'

/** Everything here is done with keys. Another person has prepared the workspace with a mouse. */
const people = crew(['ada'])
let attic: string
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
  await ada.createChannel('attic')
  attic = ada.page.url()
  const sql = openDatabase(product)
  await sql`delete from public.channel_members where channel_id = ${attic.split('/').at(-1) ?? ''}`
  await sql.end()
  await ada.openChannel('general')
  await ada.signOut()
  const watch = () => addEventListener('pointerdown', () => sessionStorage.setItem('mouse', 'used'), true)
  await ada.page.addInitScript(watch)
  await ada.page.evaluate(watch)
})

afterAll(async () => {
  expect(await people.ada.page.evaluate(() => sessionStorage.getItem('mouse'))).toBeNull()
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
  // Also where the arrows alone go through what is suggested.
  await keyboard.type('@')
  await ada.page.getByRole('option', { name: ada.displayName }).waitFor()
  await keyboard.press('Alt+ArrowUp')
  await ada.composer('general').waitFor()
  await keyboard.press('Control+k')
  await ada.dialog(t('switcher.title')).waitFor()
  await keyboard.type('gener')
  await ada.page.getByRole('option', { name: /general/ }).waitFor()
  await keyboard.press('Enter')
  await ada.composer('general').waitFor()
})

test('skip the sidebar: the next key is for what is behind it', async () => {
  const { page } = people.ada
  const { keyboard } = page
  const before = page.url()
  await page.getByRole('link', { name: t('app.skip') }).focus()
  await keyboard.press('Enter')
  expect(await page.getByRole('main').evaluate((main) => main === document.activeElement)).toBe(true)
  await keyboard.press('Tab')
  expect(await page.getByRole('main').evaluate((main) => main.contains(document.activeElement))).toBe(true)
  expect(page.url()).toBe(before)
})

test('enter the list from a channel that is not in it', async () => {
  const { ada } = people
  const { page } = ada
  const rows = page.locator('[data-channel-row]')
  const before = page.url()
  await page.goto(attic)
  await page.getByRole('button', { name: t('conversation.join') }).waitFor()
  expect(await rows.filter({ hasText: 'attic' }).count()).toBe(0)
  await page.getByRole('button', { name: t('app.channels'), exact: true }).focus()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  expect(await rows.first().evaluate((row) => row === document.activeElement)).toBe(true)
  await page.keyboard.press('Enter')
  await page.waitForURL(before)
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

test('a dialog gives the focus back: to the field, to the row, to the button of the menu it was in', async () => {
  const { ada } = people
  const { keyboard } = ada.page
  const composer = ada.composer('general')
  const isFocused = (element: typeof composer) =>
    element.evaluate((one) => one === document.activeElement).catch(() => false)
  await composer.focus()
  await keyboard.press('Control+/')
  await ada.dialog(t('shortcuts.title')).waitFor()
  await keyboard.press('Escape')
  await expect.poll(() => isFocused(composer)).toBe(true)

  await keyboard.press('Shift+F6')
  await expect.poll(focusedRow).toContain('Edited by keys')
  await keyboard.press('Delete')
  await ada.page.getByRole('alertdialog').waitFor()
  await keyboard.press('Escape')
  await expect.poll(focusedRow).toContain('Edited by keys')

  const menu = ada.button(new RegExp(`^${ada.displayName} @`))
  await menu.focus()
  await keyboard.press('Enter')
  await expect.poll(() => isFocused(ada.page.getByRole('menuitem', { name: t('app.setStatus') }))).toBe(true)
  await keyboard.press('Enter')
  await ada.dialog(t('profiles.statusTitle')).waitFor()
  await keyboard.press('Escape')
  await expect.poll(() => isFocused(menu)).toBe(true)
})

test('on a phone what is said does not lie over the field one writes in', async () => {
  const { ada } = people
  const { page } = ada
  const { width, height } = page.viewportSize() ?? { width: 1280, height: 720 }
  await page.setViewportSize({ width: 360, height: 740 })
  await ada.context.grantPermissions(['clipboard-write'])
  await ada.message('Edited by keys').focus()
  await page.keyboard.press('l')
  const toast = page.getByText(t('messages.linkCopied'))
  await toast.waitFor()
  const [said, field] = await Promise.all([toast.boundingBox(), ada.composer('general').boundingBox()])
  expect((said?.y ?? 0) + (said?.height ?? 0)).toBeLessThan(field?.y ?? 0)
  expect(said?.y).toBeLessThan(200)
  await page.setViewportSize({ width, height })
})
