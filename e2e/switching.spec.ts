import { beforeAll, expect, test } from 'vitest'
import { crew } from './crew'
import { png, text, tray } from './files'
import { t } from './texts'

/** The composer stays on the screen from channel to channel; what is in it does not. */
const people = crew(['ada'])

const next = () => people.ada.page.keyboard.press('Alt+ArrowDown')
const back = () => people.ada.page.keyboard.press('Alt+ArrowUp')
const focused = (channel: string) =>
  people.ada.composer(channel).evaluate((field) => field === document.activeElement)

beforeAll(async () => {
  const { ada } = people
  await ada.signUp()
  await ada.createWorkspace('Switching')
  await ada.composer('general').waitFor()
  await ada.page.evaluate(() => {
    const written: string[] = []
    const { replaceState } = window.history
    window.history.replaceState = function (...call) {
      written.push(String(call[2]))
      return replaceState.apply(this, call)
    }
    Object.assign(window, { written })
  })
})

test('a draft is to be seen in its own channel only, and the focus stays where one writes', async () => {
  const { ada } = people
  const { keyboard } = ada.page
  await ada.composer('general').click()
  await ada.button(t('composer.send')).evaluate((button) => Object.assign(button, { same: true }))
  await keyboard.type('for general')
  await next()
  await ada.composer('random').waitFor()
  expect(await ada.composer('random').inputValue()).toBe('')
  await expect.poll(() => focused('random')).toBe(true)
  // Not even what is undone comes from elsewhere.
  await keyboard.press('Control+z')
  expect(await ada.composer('random').inputValue()).toBe('')
  await keyboard.type('for random')
  await back()
  await ada.composer('general').waitFor()
  expect(await ada.composer('general').inputValue()).toBe('for general')
  await expect.poll(() => focused('general')).toBe(true)
  await keyboard.press('Enter')
  await ada.stored('for general')
  await next()
  await ada.composer('random').waitFor()
  expect(await ada.composer('random').inputValue()).toBe('for random')
  // A draft is gone on with at its end.
  await expect.poll(() => focused('random')).toBe(true)
  await keyboard.type(', too')
  expect(await ada.composer('random').inputValue()).toBe('for random, too')
  await ada.composer('random').fill('')
  expect(await ada.button(t('composer.send')).evaluate((button) => 'same' in button)).toBe(true)
})

test('what was said about a text that could not be sent stays with it', async () => {
  const { ada } = people
  await ada.composer('random').fill('   ')
  await ada.composer('random').press('Enter')
  await ada.page.getByText(t('composer.blank')).waitFor()
  await back()
  await ada.composer('general').waitFor()
  expect(await ada.page.getByText(t('composer.blank')).count()).toBe(0)
  await next()
  await ada.composer('random').waitFor()
  expect(await ada.page.getByText(t('composer.blank')).count()).toBe(0)
  await ada.composer('random').fill('')
})

test('files wait where they were put, and where their dialog was opened', async () => {
  const { ada } = people
  const input = ada.page.locator('main input[data-attach]')
  await input.setInputFiles([await png('plan.png', 40, 30)])
  await tray(ada).getByText('plan.png').waitFor()
  const asked = ada.page.waitForEvent('filechooser')
  await ada.button(t('attachments.attach')).click()
  const chooser = await asked
  await back()
  await ada.composer('general').waitFor()
  expect(await tray(ada).count()).toBe(0)
  const { name, mimeType, buffer } = text('late.txt', 'chosen in random')
  await chooser.setFiles([{ name, mimeType, buffer }])
  await next()
  await tray(ada).getByText('late.txt').waitFor()
  expect(await tray(ada).getByRole('listitem').count()).toBe(2)
  await back()
  await ada.composer('general').waitFor()
  expect(await tray(ada).count()).toBe(0)
})

test('who goes elsewhere has stopped recording', async () => {
  const { ada } = people
  await ada.button(t('attachments.record')).click()
  await ada.button(t('attachments.recordDone')).waitFor()
  await next()
  await ada.composer('random').waitFor()
  expect(await ada.button(t('attachments.recordDone')).count()).toBe(0)
  await back()
  await ada.composer('general').waitFor()
  expect(await ada.button(t('attachments.recordDone')).count()).toBe(0)
  await ada.button(t('attachments.record')).waitFor()
})

test('an emoji that was being chosen is for nobody else', async () => {
  const { ada } = people
  await ada.button(t('composer.emoji')).click()
  await ada.dialog(t('composer.emoji')).waitFor()
  await next()
  await ada.composer('random').waitFor()
  await ada.dialog(t('composer.emoji')).waitFor({ state: 'detached' })
})

test('back and forward lead through the channels, and the address is written once for each', async () => {
  const { ada } = people
  await ada.openChannel('general')
  await ada.openChannel('random')
  await ada.page.goBack()
  await ada.composer('general').waitFor()
  await ada.page.goForward()
  await ada.composer('random').waitFor()
  expect(await ada.page.evaluate(() => (window as unknown as { written: string[] }).written)).toEqual([])
})

test('of a channel that can only be read nothing is left behind', async () => {
  const { ada } = people
  await ada.createChannel('attic')
  await ada.say('attic', 'kept for good')
  await ada.stored('kept for good')
  await ada.button(t('channels.details')).click()
  await ada.button(t('channels.archive')).click()
  await ada.confirm(t('channels.archive'))
  await ada.page.getByText(t('conversation.archived')).waitFor()
  for (const channel of ['general', 'random']) {
    await ada.openChannel(channel)
    expect(await ada.page.getByRole('log').count()).toBe(1)
    expect(await ada.page.getByText('kept for good').count()).toBe(0)
    await ada.page.goBack()
    await ada.page.getByText(t('conversation.archived')).waitFor()
  }
  await ada.openChannel('random')
})

test('the first message of a channel is shown to its end', async () => {
  const { ada } = people
  await ada.createChannel('deep')
  await ada.say('deep', Array.from({ length: 40 }, (_, line) => `line ${line}`).join('\n'))
  await ada.stored('line 39')
  const left = () => ada.timeline.evaluate((log) => log.scrollHeight - log.clientHeight - log.scrollTop)
  await expect.poll(left).toBeLessThan(2)
  await ada.openChannel('random')
})

test('the newest message is followed without taking the pointer from the others', async () => {
  const { ada } = people
  for (let line = 0; line < 20; line++) await ada.say('random', `line ${line}`)
  await ada.stored('line 19')
  const left = () => ada.timeline.evaluate((log) => log.scrollHeight - log.clientHeight - log.scrollTop)
  await expect.poll(left).toBeLessThan(2)
  await ada.timeline.evaluate((log) => {
    const seen: string[] = []
    log.addEventListener('scroll', () => {
      requestAnimationFrame(() => {
        const row = log.querySelector('article')
        if (row) seen.push(getComputedStyle(row).pointerEvents)
      })
    })
    Object.assign(window, { seen })
  })
  await ada.say('random', 'and one more')
  await ada.stored('and one more')
  const seen = () => ada.page.evaluate(() => (window as unknown as { seen: string[] }).seen)
  await expect.poll(async () => (await seen()).length).toBeGreaterThan(0)
  expect(new Set(await seen())).toEqual(new Set(['auto']))
})
