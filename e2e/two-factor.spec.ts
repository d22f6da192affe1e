import type { TOTP } from 'otpauth'
import { v7 as uuidv7 } from 'uuid'
import { expect, test } from 'vitest'
import { openDatabase } from './api'
import { checkThemes } from './axe'
import { crew } from './crew'
import { codeOf } from './person'
import { product } from './shared-product'
import { t } from './texts'

/** An owner who sets up two-factor sign-in and then asks it of everybody. One test leads to the next. */
const people = crew(['ada', 'grace'])
const workspace = 'Two Keys'
let app: TOTP
let recoveryCodes: string[]

test('setting it up: scan, first code, recovery codes', async () => {
  const { ada } = people
  await ada.signUp()
  await ada.createWorkspace(workspace)
  await ada.composer('general').waitFor()
  await ada.openAccount()
  await ada.button(t('factors.setUp')).click()
  const made = await ada.setUpTwoFactor()
  app = made.app
  recoveryCodes = made.recoveryCodes
  expect(recoveryCodes).toHaveLength(10)
  await ada.page.getByText(t('factors.recoveryLeft', { count: 10 })).waitFor()
})

test('the page goes on hearing what happens with the stronger sign-in', async () => {
  const { ada } = people
  await ada.page.goBack()
  await ada.composer('general').waitFor()
  const sql = openDatabase(product)
  await sql`
    insert into public.messages (id, channel_id, user_id, body)
    select ${uuidv7()}, c.id, c.created_by, 'said on another device'
    from public.channels c join public.workspaces w on w.id = c.workspace_id
    where w.name = ${workspace} and c.name = 'general'`
  await sql.end()
  await ada.message('said on another device').waitFor()
})

test('a password alone opens nothing then: a code is asked for, a wrong one refused', async () => {
  const { ada } = people
  const here = ada.workspacePath
  await ada.signOut()
  await ada.page.goto(`/sign-in?next=${encodeURIComponent(here)}`)
  await ada.enterPassword()
  await ada.field(t('factors.code')).waitFor()
  expect(await ada.conversations.count()).toBe(0)
  await checkThemes(ada)

  ada.expectProblem(/status of 422/)
  await ada.field(t('factors.code')).fill(codeOf(app, -20))
  await ada.page.getByText(t('errors.mfa_verification_failed')).waitFor()
  // The present one may have been used for the set-up, and counts once. The next is taken as well, for clocks that are fast.
  await ada.field(t('factors.code')).fill(codeOf(app, 1))
  await ada.composer('general').waitFor()
})

test('an owner asks it of everybody: who has none is signed out, and led through the set-up', async () => {
  const { ada, grace } = people
  const link = await ada.invite(workspace)
  await grace.joinAsNewcomer(link)
  await grace.composer('general').waitFor()

  await ada.openSettings(t('settings.security'))
  await ada.button(t('security.require_two_factor.turnOn')).click()
  await ada.confirm(t('security.require_two_factor.turnOn'))
  await ada.page.getByText(t('security.require_two_factor.onDone')).waitFor()

  grace.expectProblem(/status of 40[013]/)
  await grace.page.waitForURL('**/sign-in?next=**')
  await grace.enterPassword()
  await grace.page.getByRole('heading', { name: t('requirements.enrollTitle') }).waitFor()
  expect(await grace.conversations.count()).toBe(0)
  // Another address does not lead around it.
  await grace.page.goto('/')
  await grace.page.getByRole('heading', { name: t('requirements.enrollTitle') }).waitFor()
  await grace.page.getByRole('img', { name: t('factors.qrCode') }).waitFor()
  await checkThemes(grace)
  await grace.setUpTwoFactor()
  await grace.composer('general').waitFor()
})

test('a recovery code is the way out for a lost phone, and leads to a new set-up', async () => {
  const { ada } = people
  await ada.page.goto(ada.workspacePath)
  await ada.composer('general').waitFor()
  await ada.signOut()
  await ada.signIn()
  await ada.button(t('factors.useRecoveryCode')).click()
  ada.expectProblem(/status of 4\d\d/)
  await ada.field(t('factors.recoveryCode')).fill('aaaa-bbbb-cccc-dddd')
  await ada.button(t('factors.spendRecoveryCode')).click()
  await ada.page.getByText(t('errors.recovery_code_wrong')).waitFor()
  await checkThemes(ada)
  await ada.field(t('factors.recoveryCode')).fill(recoveryCodes[3] as string)
  await ada.button(t('factors.spendRecoveryCode')).click()
  await ada.page.getByRole('heading', { name: t('requirements.enrollTitle') }).waitFor()
  await ada.setUpTwoFactor()
  await ada.composer('general').waitFor()
})
