import { describe, expect, test } from 'vitest'
import type { ExternalProviders } from '../../settings-external'
import { builtInProvider } from './built-in'
import { profileOf } from './profile'
import type { Provider } from './provider'

function provider(name: keyof ExternalProviders, url?: string): Provider {
  const settings = { clientIds: ['chat'], secret: 's', skipNonceCheck: false, emailOptional: false }
  const found = builtInProvider({ [name]: { ...settings, ...(url ? { url } : {}) } }, name)
  if (!found || found === 'disabled') throw new Error(`${name} expected`)
  return found
}

function verified(of: Provider, claims: Record<string, unknown>): boolean | undefined {
  return profileOf(of, { sub: '1', email: 'Ada@Example.com', ...claims }).emails[0]?.verified
}

describe('an address', () => {
  test('is verified when the provider says so, in whatever way it writes it', () => {
    const google = provider('google')
    for (const yes of [true, 'true', 1, '1']) expect(verified(google, { email_verified: yes })).toBe(true)
    for (const no of [false, 'false', 0, null, undefined, 'yes', {}]) {
      expect(verified(google, { email_verified: no })).toBe(false)
    }
  })

  test('of Microsoft is the tenant’s word, where only one tenant may speak', () => {
    const tenant = '8a5c2f6e-3c0b-4d6f-9a3b-111111111111'
    const one = provider('azure', `https://login.microsoftonline.com/${tenant}`)
    const all = provider('azure')
    const organizations = provider('azure', 'https://login.microsoftonline.com/organizations')
    expect(verified(one, {})).toBe(true)
    expect(verified(one, { xms_edov: false })).toBe(false)
    for (const open of [all, organizations]) {
      expect(verified(open, {})).toBe(false)
      expect(verified(open, { xms_edov: '1' })).toBe(true)
    }
    // Another provider cannot borrow the rule by its claims.
    expect(verified(provider('google'), { xms_edov: true })).toBe(false)
  })

  test('is one in the end, or none', () => {
    expect(profileOf(provider('google'), { sub: '1' }).emails).toEqual([])
    expect(() => profileOf(provider('google'), { sub: '1', email: 'no address' })).toThrow(/invalid format/)
    expect(() => profileOf(provider('google'), { email: 'ada@example.com' })).toThrow(/user profile/)
  })
})

test('what is kept is what GoTrue keeps, in sensible sizes', () => {
  const claims = {
    ...{ sub: '1', iss: 'https://accounts.google.com', email: 'ada@example.com', email_verified: true },
    ...{
      name: 'Ada',
      picture: 'https://example.com/ada.png',
      hd: 'example.com',
      at_hash: 'x',
      role: 'service_role',
    },
    nickname: 'a'.repeat(2000),
  }
  expect(profileOf(provider('google'), claims).data).toEqual({
    iss: 'https://accounts.google.com',
    sub: '1',
    provider_id: '1',
    name: 'Ada',
    full_name: 'Ada',
    picture: 'https://example.com/ada.png',
    avatar_url: 'https://example.com/ada.png',
    email: 'ada@example.com',
    email_verified: true,
    phone_verified: false,
    custom_claims: { hd: 'example.com' },
  })
})
