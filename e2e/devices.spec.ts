import { expect, test } from 'vitest'
import { crew } from './crew'
import { PASSWORD } from './person'
import { sendsMail } from './shared-product'
import { t } from './texts'

/** Ada has two computers; Grace is her colleague. One test leads to the next. */
const people = crew(['ada', 'laptop', 'grace'])
const workspace = 'Two Desks'
const NEW_PASSWORD = 'another horse, another battery'

test('a device that is ended is at the sign-in page at once', async () => {
  const { ada, laptop } = people
  await ada.signUp()
  await ada.createWorkspace(workspace)
  await ada.composer('general').waitFor()
  Object.assign(laptop, { email: ada.email })
  await laptop.signIn()
  await laptop.composer('general').waitFor()

  await ada.openAccount()
  const devices = ada.page.getByRole('list', { name: t('sessions.title') })
  await devices.getByText(t('sessions.thisDevice')).waitFor()
  expect(await devices.getByRole('listitem').count()).toBe(2)
  laptop.expectProblem(/status of 40[013]/)
  await devices.getByRole('button', { name: t('sessions.endNamed', { device: 'Chrome on Linux' }) }).click()
  await laptop.page.waitForURL('**/sign-in?next=**')
  await expect.poll(() => devices.getByRole('listitem').count()).toBe(1)
  // The one that did it stays.
  await ada.page.reload()
  await devices.getByText(t('sessions.thisDevice')).waitFor()
})

test('a new password needs the old one, and signs the other devices out', async () => {
  const { ada, laptop } = people
  await laptop.enterPassword()
  await laptop.composer('general').waitFor()

  await ada.button(t('account.changePassword')).click()
  ada.expectProblem(/status of 4\d\d/)
  await ada.field(t('auth.currentPassword')).fill('not the password')
  await ada.field(t('auth.newPassword')).fill(NEW_PASSWORD)
  await ada.button(t('auth.changePassword')).click()
  await ada.page.getByText(t('auth.currentPasswordWrong')).waitFor()
  await ada.field(t('auth.currentPassword')).fill(PASSWORD)
  await ada.button(t('auth.changePassword')).click()
  await ada.page.getByText(t('account.passwordChanged')).waitFor()

  await laptop.page.waitForURL('**/sign-in?next=**')
  await laptop.enterPassword()
  await laptop.page.getByText(t('errors.invalid_credentials')).waitFor()
  await laptop.enterPassword(NEW_PASSWORD)
  await laptop.composer('general').waitFor()
})

test('who is deactivated while looking at a channel is out at once, and told why', async () => {
  const { ada, grace } = people
  await ada.page.goto(ada.workspacePath)
  const link = await ada.invite(workspace)
  await grace.joinAsNewcomer(link)
  await grace.composer('general').waitFor()

  await ada.openSettings(t('settings.members'))
  grace.expectProblem(/status of 40[013]/)
  await ada.manageMember(grace, t('settings.deactivate'))
  await ada.confirm(t('settings.deactivate'))
  await grace.page.getByRole('heading', { name: t('requirements.deactivatedTitle') }).waitFor()
  expect(await grace.timeline.count()).toBe(0)

  await grace.button(t('requirements.otherAccount')).click()
  await grace.page.waitForURL('**/sign-in')
  await grace.enterPassword()
  await grace.page.getByText(t('errors.user_banned')).waitFor()
})

test('who is reactivated finds the channels as they were', async () => {
  const { ada, grace } = people
  await ada.page.getByRole('radio', { name: t('settings.deactivated') }).check({ force: true })
  const row = ada.page.getByRole('listitem').filter({ hasText: grace.displayName })
  await row.getByText(t('settings.deactivated')).waitFor()
  await ada.manageMember(grace, t('settings.reactivate'))
  await ada.confirm(t('settings.reactivate'))
  await row.waitFor({ state: 'detached' })
  await grace.button(t('auth.signIn')).click()
  await grace.composer('general').waitFor()
})

test('an administrator hands over a reset link; it works once', async () => {
  const { ada, grace } = people
  await ada.page.getByRole('radio', { name: t('settings.everybody') }).check({ force: true })
  await ada.manageMember(grace, t('settings.reset-link'))
  const link = await ada.field(t('profiles.resetLink')).inputValue()
  await ada
    .dialog()
    .getByRole('button', { name: t('ui.close'), exact: true })
    .last()
    .click()

  await grace.signOut()
  await grace.page.goto(link)
  await grace.page.getByText(grace.email).waitFor()
  await grace.field(t('auth.newPassword')).fill(NEW_PASSWORD)
  await grace.button(t('auth.setPassword')).click()
  await grace.composer('general').waitFor()

  await grace.signOut()
  grace.expectProblem(/status of 403/)
  await grace.page.goto(link)
  await grace.page.getByRole('heading', { name: t('entry.linkExpiredTitle') }).waitFor()
  await grace.page.getByText(t(sendsMail ? 'entry.resetExpiredText' : 'entry.resetExpiredAskText')).waitFor()
  await grace.page.goto('/sign-in')
  await grace.enterPassword(NEW_PASSWORD)
  await grace.composer('general').waitFor()
})

test.skipIf(sendsMail)('where no mail is sent, a forgotten password leads to the administrator', async () => {
  const { grace } = people
  await grace.signOut()
  await grace.page.getByRole('link', { name: t('entry.forgotten') }).click()
  await grace.page.getByRole('heading', { name: t('entry.askAdminTitle') }).waitFor()
  expect(await grace.button(t('auth.sendReset')).count()).toBe(0)
})
