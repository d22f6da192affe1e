import { expect, test } from 'vitest'
import { eventually } from './api'
import { crew } from './crew'
import { t } from './texts'

/** Two people who have never met, from the first sign-up to the last sign-out. One test leads to the next. */
const people = crew(['ada', 'grace'])
const workspace = 'Analytical Engines'
let general = ''

test('the first person signs up, creates a workspace and lands in a channel', async () => {
  const { ada } = people
  await ada.signUp()
  await ada.createWorkspace(workspace)
  await ada.composer('general').waitFor()
  await ada.channel('random').waitFor()
  general = ada.page.url()
})

test('the second person joins with the link', async () => {
  const { ada, grace } = people
  const link = await ada.invite(workspace)
  await grace.joinAsNewcomer(link)
  await grace.composer('general').waitFor()
})

test('a message each way arrives without a reload', async () => {
  const { ada, grace } = people
  await ada.say('general', 'Hello Grace')
  await grace.message('Hello Grace').waitFor()
  await grace.say('general', 'Hello Ada, **bold** and `code`')
  await ada.message('Hello Ada').waitFor()
  expect(await ada.message('Hello Ada').locator('strong').textContent()).toBe('bold')
  expect(await ada.message('Hello Ada').locator('code').textContent()).toBe('code')
})

test('typing shows, and is gone when the message is there', async () => {
  const { ada, grace } = people
  const typing = ada.page.getByText(t('presence.typingOne', { name: grace.displayName }))
  // Nothing repeats a typing signal that was lost: Grace goes on typing until Ada sees it.
  await eventually('Ada sees Grace typing', async () => {
    await grace.composer('general').pressSequentially('.')
    return typing.isVisible()
  })
  await grace.say('general', 'On my way')
  await ada.message('On my way').waitFor()
  await typing.waitFor({ state: 'detached' })
})

test('presence: each sees the other as active, and sees them go', async () => {
  const { ada, grace } = people
  await ada.openWorkspaceMenu(workspace)
  await ada.chooseFromMenu(t('app.people'))
  const row = ada.page.getByRole('listitem').filter({ hasText: grace.displayName })
  await row.getByText(t('app.online')).waitFor()
  const at = grace.page.url()
  await grace.page.goto('about:blank')
  await row.getByText(t('app.online')).waitFor({ state: 'detached' })
  await grace.page.goto(at)
  await row.getByText(t('app.online')).waitFor()
  await ada.openChannel('general')
})

test('an edit and a delete reach the other screen', async () => {
  const { ada, grace } = people
  await ada.messageMenu('Hello Grace', t('messages.edit'))
  const editor = ada.page.getByRole('textbox', { name: t('composer.editLabel') })
  await editor.fill('Good morning Grace')
  await editor.press('Enter')
  await grace.message('Good morning Grace').getByText(t('messages.edited')).waitFor()

  await grace.messageMenu('On my way', t('messages.delete'))
  await grace.page
    .getByRole('alertdialog')
    .getByRole('button', { name: t('messages.delete') })
    .click()
  await ada.message(t('messages.deleted')).waitFor()
  expect(await ada.message('On my way').count()).toBe(0)
})

test('a reload shows the same conversation', async () => {
  const { ada } = people
  const before = await ada.timeline.getByRole('article').allInnerTexts()
  await ada.page.reload()
  await ada.message('Good morning Grace').waitFor()
  await expect.poll(() => ada.timeline.getByRole('article').allInnerTexts()).toEqual(before)
})

test('unread is bold elsewhere, a mention is a number, and reading clears both', async () => {
  const { ada, grace } = people
  await grace.openChannel('random')
  await ada.say('general', 'Are you there?')
  await grace.channel('general').getByText(t('app.hasUnread')).waitFor()
  await ada.say('general', `@${await grace.handle()} one more thing`)
  await grace.channel('general').getByText('1', { exact: true }).waitFor()
  await grace.openChannel('general')
  await grace.message('one more thing').waitFor()
  await grace.openChannel('random')
  await grace.channel('general').getByText(t('app.hasUnread')).waitFor({ state: 'detached' })
  await grace.channel('general').getByText('1', { exact: true }).waitFor({ state: 'detached' })
})

test('a private channel does not exist for an outsider', async () => {
  const { ada, grace } = people
  await ada.createChannel('secret', 'private')
  await ada.say('secret', 'Nobody else reads this')
  await ada.message('Nobody else reads this').waitFor()
  const address = ada.page.url()

  // A message in a channel that both share comes later: once it is there, the secret would be too.
  await ada.openChannel('general')
  await ada.say('general', 'After the secret')
  await grace.openChannel('general')
  await grace.message('After the secret').waitFor()
  expect(await grace.channel('secret').count()).toBe(0)

  grace.expectProblem(/status of 40[34]/)
  await grace.page.goto(address)
  await grace.page.getByText(t('errors.channel_not_found')).waitFor()
  expect(await grace.page.getByText('Nobody else reads this').count()).toBe(0)

  await grace.page.goto(general)
  await grace.composer('general').waitFor()
})

test('signing out leaves nothing on the machine', async () => {
  const { ada } = people
  await ada.composer('secret').or(ada.composer('general')).first().fill('a draft that stays mine')
  await ada.signOut()
  const kept = await ada.page.evaluate(async () => ({
    databases: (await indexedDB.databases()).map(({ name }) => name),
    storage: JSON.stringify({ ...localStorage, ...sessionStorage }),
    cookies: document.cookie,
  }))
  expect(kept.databases).toEqual([])
  expect(kept.storage).not.toMatch(/access_token|refresh_token|@example\.test|draft that stays/)
  expect(kept.cookies).not.toMatch(/token/)
  await ada.page.goto(general)
  await ada.page.waitForURL('**/sign-in**')
  await ada.field(t('auth.password')).waitFor()
})
