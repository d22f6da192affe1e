import { afterAll, beforeAll, expect, test } from 'vitest'
import { oidcClient, startOidcServer } from '@/backend/conformance/oidc-server'
import { startTestSmtp, type TestSmtp } from '@/backend/testing/smtp'
import { eventually } from './api'
import { checkThemes } from './axe'
import { crew } from './crew'
import type { Person } from './person'
import { type Product, startProduct } from './product'
import { t } from './texts'

/** A product of its own that sends mail, and a company whose people sign in at its own provider. */
let product: Product
let smtp: TestSmtp
let company: Awaited<ReturnType<typeof startOidcServer>>
const NEW_PASSWORD = 'another horse, another battery'

beforeAll(async () => {
  smtp = await startTestSmtp()
  company = await startOidcServer()
  product = await startProduct({
    env: (url) => ({
      SITE_URL: url,
      SMTP_HOST: '127.0.0.1',
      SMTP_PORT: String(smtp.settings.port),
      SMTP_SECURE: 'none',
      SMTP_ADMIN_EMAIL: 'chat@example.test',
      SMTP_MAX_FREQUENCY: '0',
      EXTERNAL_ALLOW_PRIVATE_HOSTS: 'true',
    }),
  })
  await company.open([`${product.url}/auth/v1/callback`])
})
afterAll(async () => {
  await product?.stop()
  await company?.stop()
  await smtp?.stop()
})

const people = crew(['ada', 'grace', 'hedy'], { url: () => product.url })

type About = 'signup' | 'recovery' | 'magiclink' | 'email_change'

/** The newest mail to an address that is about this; there are notices beside them. */
const mailAbout = (about: About, email: string) =>
  eventually(`a mail about ${about}`, () =>
    smtp.mails.findLast(({ to, link }) => to === email && link.includes(`type=${about}`)),
  )

/** Opens the link of a mail and presses the button of the page behind it. */
async function follow({ page, email }: Person, about: About, address = email) {
  const { link } = await mailAbout(about, address)
  await page.goto(link)
  await page.getByRole('button').click()
}

test('a sign-up waits for the link in the mail, which leads on', async () => {
  const { ada } = people
  await ada.signUp()
  await ada.page.getByText(ada.email).waitFor()
  await ada.button(t('auth.sendAgain')).waitFor()
  await checkThemes(ada)
  await follow(ada, 'signup')
  await ada.createWorkspace('Letters')
  await ada.composer('general').waitFor()
})

test('an invited person types the code of the mail, and is in the workspace', async () => {
  const { ada, grace } = people
  const link = await ada.invite('Letters')
  await grace.page.goto(link)
  await grace.fillSignUp()
  await grace.button(t('auth.createAccount')).click()
  const { code } = await mailAbout('signup', grace.email)
  grace.expectProblem(/status of 403/)
  await grace.field(t('auth.code')).fill(code === '000000' ? '000001' : '000000')
  await grace.page.getByText(t('errors.otp_expired')).waitFor()
  await grace.field(t('auth.code')).fill(code)
  await grace.composer('general').waitFor()
})

test('a forgotten password: mail, link, new password, other devices out', async () => {
  const { ada, grace } = people
  await grace.signOut()
  await grace.field(t('auth.email')).fill(grace.email)
  await grace.page.getByRole('link', { name: t('entry.forgotten') }).click()
  // What was typed has come along.
  await expect.poll(() => grace.field(t('auth.email')).inputValue()).toBe(grace.email)
  await grace.button(t('auth.sendReset')).click()
  await grace.page.getByRole('heading', { name: t('entry.checkMailTitle') }).waitFor()
  await follow(grace, 'recovery')
  await grace.field(t('auth.newPassword')).waitFor()
  await checkThemes(grace)
  await grace.field(t('auth.newPassword')).fill(NEW_PASSWORD)
  await grace.button(t('auth.setPassword')).click()
  await grace.composer('general').waitFor()

  // An address without an account reads the same.
  await ada.signOut()
  await ada.page.goto('/forgot-password')
  await ada.field(t('auth.email')).fill('nobody@example.test')
  await ada.button(t('auth.sendReset')).click()
  await ada.page.getByRole('heading', { name: t('entry.checkMailTitle') }).waitFor()
  expect(smtp.mails.filter(({ to }) => to === 'nobody@example.test')).toEqual([])
})

test('a code by mail signs in; the link of an older mail says what to do', async () => {
  const { ada, grace } = people
  await ada.page.goto('/sign-in')
  await ada.field(t('auth.email')).fill(ada.email)
  await ada.button(t('auth.withCode')).click()
  const { code } = await mailAbout('magiclink', ada.email)
  await ada.field(t('auth.code')).fill(code)
  await ada.composer('general').waitFor()

  await grace.signOut()
  await follow(grace, 'signup')
  await grace.page.getByRole('heading', { name: t('entry.linkExpiredTitle') }).waitFor()
  await checkThemes(grace)
  await grace.page.goto('/sign-in')
  await grace.enterPassword(NEW_PASSWORD)
  await grace.composer('general').waitFor()
})

test('a new address counts when both mails were answered', async () => {
  const { grace } = people
  const next = `new-${grace.email}`
  await grace.openAccount()
  await grace.button(t('account.changeEmail')).click()
  await grace.field(t('auth.newEmail')).fill(next)
  await grace.button(t('auth.changeEmail')).click()
  await grace.page.getByText(t('auth.emailChangeSent', { old: grace.email, email: next })).waitFor()
  await follow(grace, 'email_change')
  await grace.page.getByRole('heading', { name: t('entry.halfConfirmedTitle') }).waitFor()
  await follow(grace, 'email_change', next)
  await grace.page.getByText(next, { exact: true }).first().waitFor()
})

test('an owner connects the company, and its people sign in there by their address', async () => {
  const { ada, hedy } = people
  await ada.openSettings(t('settings.security'))
  await ada.button(t('sso.add')).click()
  await ada.field(t('sso.name')).fill('Acme')
  await ada.field(t('sso.domains')).fill('acme.test')
  const oidc = ada.page.getByRole('radio', { name: t('sso.oidc') })
  await oidc.check({ force: true })
  await ada.field(t('sso.issuer')).fill(company.issuer)
  await ada.field(t('sso.clientId')).fill(oidcClient.client_id)
  await ada.field(t('sso.clientSecret')).fill(oidcClient.client_secret)
  await ada.button(t('sso.addConnection')).click()
  await ada.page
    .getByRole('list', { name: t('sso.title') })
    .getByText('Acme', { exact: true })
    .waitFor()

  await checkThemes(ada)
  const email = 'hedy@acme.test'
  company.add({ sub: email, email, email_verified: true, name: 'Hedy' })
  await hedy.page.goto('/sign-in')
  await hedy.field(t('auth.email')).fill(email)
  await hedy.button(t('auth.continueWith', { name: 'Acme' })).waitFor()
  await checkThemes(hedy)
  await hedy.button(t('auth.continueWith', { name: 'Acme' })).click()
  await hedy.composer('general').waitFor()
  await ada.page.goto(`${ada.workspacePath}/people`)
  await ada.page.getByText('@hedy', { exact: true }).waitFor()
})

test('who says no at the company is told so, and can begin again', async () => {
  const { hedy } = people
  await hedy.page.context().clearCookies()
  await hedy.button(/@hedy$/).click()
  await hedy.chooseFromMenu(t('app.signOut'))
  await hedy.page.waitForURL('**/sign-in')
  // The provider in this test knows by the address who it is; nobody is how it is told to refuse.
  await hedy.page.route('**/auth/v1/authorize?**', (route) => {
    const url = new URL(route.request().url())
    url.searchParams.set('login_hint', 'nobody')
    return route.continue({ url: url.href })
  })
  await hedy.field(t('auth.email')).fill('hedy@acme.test')
  await hedy.button(t('auth.continueWith', { name: 'Acme' })).click()
  await hedy.page.getByRole('heading', { name: t('entry.notSignedIn') }).waitFor()
  await hedy.page.getByRole('link', { name: t('entry.backToSignIn') }).click()
  await hedy.field(t('auth.email')).waitFor()
})
