import type { CDPSession } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { crew } from './crew'
import { product } from './shared-product'
import { t } from './texts'

/** Passkeys belong to a domain name, so this is the shared product under its other address. */
const people = crew(['ada'], { url: () => product.url.replace('127.0.0.1', 'localhost') })
let device: CDPSession

/** A device with a fingerprint reader, and a finger that is always there. */
beforeAll(async () => {
  const { ada } = people
  device = await ada.context.newCDPSession(ada.page)
  await device.send('WebAuthn.enable', { enableUI: false })
  await device.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
})

test('a passkey is added and named', async () => {
  const { ada } = people
  await ada.signUp()
  await ada.createWorkspace('Fingerprints')
  await ada.composer('general').waitFor()
  await ada.openAccount()
  await ada.button(t('passkeys.add')).click()
  await ada.field(t('passkeys.name')).fill('Desk')
  await ada.button(t('passkeys.saveName')).click()
  const list = ada.page.getByRole('list', { name: t('passkeys.title') })
  await list.getByText('Desk', { exact: true }).waitFor()
  await ada.page.reload()
  await list.getByText('Desk', { exact: true }).waitFor()
})

test('it signs in without a password', async () => {
  const { ada } = people
  await ada.signOut()
  // Among the suggestions of the e-mail field it may be taken before the button is pressed.
  const button = ada.button(t('auth.withPasskey'))
  await button.click().catch(() => {})
  await ada.composer('general').waitFor()
})

test('a passkey that was removed signs nobody in', async () => {
  const { ada } = people
  await ada.openAccount()
  await ada.button(t('passkeys.removeNamed', { name: 'Desk' })).click()
  await ada.confirm(t('passkeys.remove'))
  await ada.button(t('passkeys.removeNamed', { name: 'Desk' })).waitFor({ state: 'detached' })
  ada.expectProblem(/status of 4\d\d/)
  await ada.signOut()
  await ada.button(t('auth.withPasskey')).click()
  await ada.page.getByText(t('errors.webauthn_verification_failed')).waitFor()
  expect(ada.page.url()).toMatch(/sign-in/)
  await ada.enterPassword()
  await ada.composer('general').waitFor()
})
