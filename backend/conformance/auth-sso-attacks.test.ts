import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAuth } from '../auth/service'
import { createLogger } from '../log'
import { openServer } from '../server'
import { parseSettings } from '../settings'
import type { Page } from './browser'
import { APP, fragment, query } from './oidc-world'
import { createSamlIdp, type SamlChanges } from './saml-idp'
import { relayStateOf, startWithSaml } from './saml-world'

const SITE = 'https://chat.example.com'

let world: Awaited<ReturnType<typeof startWithSaml>>
let idp: Awaited<ReturnType<typeof createSamlIdp>>
let providerId: string

beforeAll(async () => {
  world = await startWithSaml({ siteUrl: SITE })
  idp = await createSamlIdp('https://idp.example.com')
  providerId = await world.add(idp)
})

afterAll(() => world.stop())

const ada = { nameId: 'ada', email: 'ada@example.com' }

function attempt(options: { changes?: SamlChanges; tamper?: (xml: string) => string }): Promise<Page> {
  return world.signIn(idp, providerId, ada, options)
}

function expectSignedIn(page: Page): void {
  expect(fragment(page).access_token, page.url.href).toBeTruthy()
}

function expectRefused(page: Page, reason: RegExp): void {
  expect(fragment(page).access_token).toBeUndefined()
  expect(query(page)).toMatchObject({
    error_code: 'validation_failed',
    error_description: expect.stringMatching(reason),
  })
}

test('what is as it should be is accepted', async () => {
  expectSignedIn(await attempt({}))
})

describe('a signature', () => {
  const signature = /<ds:Signature.*<\/ds:Signature>/s

  test('is wanted', async () => {
    expectRefused(await attempt({ tamper: (xml) => xml.replace(signature, '') }), /signature/)
    const unsigned = await createSamlIdp('https://unsigned.example.com', 'nothing')
    const id = await world.add(unsigned)
    expectRefused(await world.signIn(unsigned, id, ada), /signature/)
  })

  test('of the envelope alone is not enough', async () => {
    const outside = await createSamlIdp('https://outside.example.com', 'message')
    const id = await world.add(outside)
    expectRefused(await world.signIn(outside, id, ada), /signature/)
  })

  test('by another key is none', async () => {
    const thief = await createSamlIdp('https://idp.example.com')
    const url = await world.begin(world.auth.client(), providerId)
    const forged = await thief.respond({ metadata: world.metadata, url }, ada)
    expectRefused(await world.bring(forged, relayStateOf(url)), /signature/)
  })

  test.each([
    ['who it is about', 'NameID', (xml: string) => xml.replace('>ada<', '>eve<')],
    ['the address', 'email', (xml: string) => xml.replace('ada@example.com', 'eve@example.com')],
    [
      'when it ends',
      'NotOnOrAfter',
      (xml: string) => xml.replace(/NotOnOrAfter="\d{4}/g, 'NotOnOrAfter="2099'),
    ],
    ['its key', 'X509', (xml: string) => xml.replace(/<ds:X509Certificate>..../, '<ds:X509Certificate>AAAA')],
  ])('does not fit when somebody changes %s', async (what, _, tamper) => {
    const page = await attempt({ tamper })
    // A certificate in the response is decoration: only those of the metadata are asked.
    if (what === 'its key') expectSignedIn(page)
    else expectRefused(page, /signature/i)
  })
})

describe('a signed assertion that was moved', () => {
  const whole = /<saml:Assertion .*<\/saml:Assertion>/s
  /** An assertion of the attacker's making, without signature and with an id of its own. */
  function evil(xml: string): string {
    const [assertion = ''] = whole.exec(xml) ?? []
    return assertion
      .replace(/<ds:Signature.*<\/ds:Signature>/s, '')
      .replace(/ID="_assertion[^"]*"/, 'ID="_evil"')
      .replace('>ada<', '>eve<')
      .replace('ada@example.com', 'eve@example.com')
  }
  const original = (xml: string) => whole.exec(xml)?.[0] ?? ''
  const signature = (xml: string) => /<ds:Signature.*<\/ds:Signature>/s.exec(xml)?.[0] ?? ''

  const wrappings: [string, (xml: string) => string][] = [
    ['before it stands another', (xml) => xml.replace(whole, (own) => evil(xml) + own)],
    ['after it stands another', (xml) => xml.replace(whole, (own) => own + evil(xml))],
    [
      'into an extension of the response',
      (xml) => xml.replace(whole, (own) => `<samlp:Extensions>${own}</samlp:Extensions>${evil(xml)}`),
    ],
    [
      'into the one that counts',
      (xml) =>
        xml.replace(whole, () => evil(xml).replace('</saml:Assertion>', `${original(xml)}</saml:Assertion>`)),
    ],
    [
      'into the signature',
      (xml) =>
        xml.replace(whole, () => {
          const wrapped = signature(xml).replace(
            '</ds:Signature>',
            `<ds:Object>${original(xml)}</ds:Object></ds:Signature>`,
          )
          return evil(xml).replace('</saml:Issuer>', `</saml:Issuer>${wrapped}`)
        }),
    ],
    [
      'with its id on another',
      (xml) =>
        xml.replace(whole, (own) => {
          const id = /ID="(_assertion[^"]*)"/.exec(own)?.[1] ?? ''
          return (
            evil(xml)
              .replace('_evil', id)
              .replace('</saml:Issuer>', `</saml:Issuer>${signature(xml)}`) + own
          )
        }),
    ],
    [
      'into a response inside the response',
      (xml) =>
        xml
          .replace(whole, evil(xml))
          .replace('</samlp:Response>', `<samlp:Response>${original(xml)}</samlp:Response></samlp:Response>`),
    ],
  ]
  test.each(wrappings)('%s, is not taken for what it is not', async (_, wrap) => {
    const tamper = (xml: string) => {
      const wrapped = wrap(xml)
      expect(wrapped.split('>ada<').length - 1, 'the signed one is there').toBeGreaterThan(0)
      expect(wrapped).toContain('>eve<')
      return wrapped
    }
    const page = await attempt({ tamper })
    expect(fragment(page).access_token).toBeUndefined()
    expect(query(page).error_code).toBe('validation_failed')
    const users = await world.auth.server.database
      .admin`select from auth.users where email = 'eve@example.com'`
    expect(users).toHaveLength(0)
  })

  test('with a comment in the name is read as it was signed', async () => {
    const victim = { nameId: 'ada@example.com.evil.example', email: 'x@evil.example' }
    const tamper = (xml: string) =>
      xml.replace('>ada@example.com.evil.example<', '>ada@example.com<!-- -->.evil.example<')
    const page = await world.signIn(idp, providerId, victim, { tamper })
    expectSignedIn(page)
    const { data } = await world.auth.client().auth.getUser(fragment(page).access_token)
    expect(data.user?.user_metadata.sub).toBe('ada@example.com.evil.example')
  })
})

describe('an assertion', () => {
  const hour = 3_600_000
  test.each([
    ['for another service', { audience: 'https://other.example.com' }, /audience/i],
    [
      'brought to another address',
      { recipient: 'https://other.example.com/acs' },
      /subject confirmation|not for this sign-in/,
    ],
    ['sent to another address', { destination: 'https://other.example.com/acs' }, /somebody else/],
    ['by another issuer', { issuer: 'https://other.example.com' }, /another identity provider/],
    ['that is over', { notOnOrAfter: new Date(Date.now() - hour) }, /expired|confirmation/],
    ['of later', { notBefore: new Date(Date.now() + hour) }, /not yet valid|confirmation/i],
    ['for another request', { inResponseTo: '_another' }, /InResponseTo/],
    ['for no request', { inResponseTo: null }, /InResponseTo/],
  ])('%s is refused', async (_, changes, reason) => {
    expectRefused(await attempt({ changes }), reason)
  })

  test('for a request is not one for nobody’s', async () => {
    const url = await world.begin(world.auth.client(), providerId)
    const response = await idp.respond({ metadata: world.metadata, url }, ada)
    expectRefused(await world.bring(response, APP), /not for this sign-in/)
    expectSignedIn(await world.bring(await idp.respond({ metadata: world.metadata }, ada), APP))
  })

  test('is good for one sign-in, after a restart too', async () => {
    const response = await idp.respond({ metadata: world.metadata }, ada)
    expectSignedIn(await world.bring(response, APP))
    expectRefused(await world.bring(response, APP), /used before/)

    const { database, secrets } = world.auth.server
    const environment = {
      NODE_ENV: 'test',
      HOST: '127.0.0.1',
      DATA_DIR: database.dataFolder,
      SITE_URL: SITE,
    } as const
    const settings = parseSettings(
      { ...environment, ADDITIONAL_REDIRECT_URLS: 'https://app.example.com/**' },
      { port: 0, root: database.dataFolder },
    )
    const restarted = await openServer(settings, createLogger('silent'))
    try {
      await restarted.startServices({ database, secrets, factories: [createAuth] })
      const base = `${restarted.gateway.url()}/auth/v1`
      expectRefused(await world.bring(response, APP, base), /used before/)
      expectSignedIn(await world.bring(await idp.respond({ metadata: world.metadata }, ada), APP, base))
    } finally {
      await restarted.stop()
    }
  })

  test('of two at once is taken once', async () => {
    const response = await idp.respond({ metadata: world.metadata }, ada)
    const pages = await Promise.all([1, 2, 3].map(() => world.bring(response, APP)))
    expect(pages.filter((page) => fragment(page).access_token)).toHaveLength(1)
  })

  test('is remembered no longer than it is good for', async () => {
    const { admin } = world.auth.server.database
    expectSignedIn(await attempt({ changes: { assertionId: '_long_ago' } }))
    await admin`update _backend.used_assertions set expires_at = now() - interval '1 second' where assertion_id = '_long_ago'`
    expectSignedIn(await attempt({}))
    expect(await admin`select from _backend.used_assertions where assertion_id = '_long_ago'`).toHaveLength(0)
  })

  test('about somebody who is another each time, or has no address, is refused', async () => {
    const changes = { nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient' }
    expect(query(await attempt({ changes }))).toMatchObject({ error_code: 'saml_assertion_no_user_id' })
    expect(query(await world.signIn(idp, providerId, { nameId: 'ada' }))).toMatchObject({
      error_code: 'saml_assertion_no_email',
    })
  })
})

describe('the way back', () => {
  test('is open once, for a while, to whom it was opened', async () => {
    const url = await world.begin(world.auth.client(), providerId)
    const respond = () => idp.respond({ metadata: world.metadata, url }, ada)
    expectSignedIn(await world.bring(await respond(), relayStateOf(url)))
    expect(query(await world.bring(await respond(), relayStateOf(url)))).toMatchObject({
      error_code: 'saml_relay_state_not_found',
    })
    const late = await world.begin(world.auth.client(), providerId)
    await world.auth.server.database
      .admin`update auth.saml_relay_states set created_at = now() - interval '601 seconds'`
    const response = await idp.respond({ metadata: world.metadata, url: late }, ada)
    expect(query(await world.bring(response, relayStateOf(late)))).toMatchObject({
      error_code: 'saml_relay_state_expired',
    })
  })

  test('leads to no other site', async () => {
    for (const redirectTo of ['https://evil.example.com/', '//evil.example.com', 'javascript:alert(1)']) {
      const page = await world.signIn(idp, providerId, ada, { redirectTo })
      expect(page.url.origin).toBe(SITE)
      expectSignedIn(page)
    }
  })

  test('takes nothing else', async () => {
    const bomb =
      '<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><samlp:Response>&b;</samlp:Response>'
    const file = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><samlp:Response>&x;</samlp:Response>'
    for (const xml of [bomb, file]) {
      expectRefused(await world.bring(Buffer.from(xml).toString('base64'), ''), /document type/)
    }
    for (const text of [
      '',
      'x',
      Buffer.from('<a>').toString('base64'),
      Buffer.from('<a/>').toString('base64'),
    ]) {
      const page = await world.bring(text, '')
      expect(query(page).error_code).toMatch(/^(validation_failed|saml_idp_not_found)$/)
    }
  })
})
