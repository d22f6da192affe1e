import {
  type ExternalProvider,
  type ExternalProviderName,
  type ExternalProviders,
  externalProviderNames,
} from '../../settings-external'
import type { OAuthProvider, OidcProvider, ProviderKind } from './kinds'
import type { Provider } from './provider'

type Special = Partial<Pick<Provider, 'scopes' | 'pkce' | 'nonce' | 'params'>>
type Known = (url: string | undefined) => ProviderKind & Special

const OIDC_SCOPES = ['openid', 'email', 'profile']

/** What is known of each: an issuer, or endpoints and the names that its answers use. */
const known: { [name in ExternalProviderName]: Known } = {
  // Apple answers with a form when names are wanted; its secret is a JWT that the operator makes.
  apple: () => ({
    ...oidc('https://appleid.apple.com'),
    scopes: ['openid', 'email', 'name'],
    params: { response_mode: 'form_post' },
    pkce: false,
  }),
  azure: (url) => oidc(`${url ?? 'https://login.microsoftonline.com/common'}/v2.0`),
  google: () => oidc('https://accounts.google.com'),
  keycloak: (url) => oidc(url ?? ''),
  linkedin_oidc: () => ({ ...oidc('https://www.linkedin.com/oauth'), pkce: false, nonce: false }),
  slack_oidc: () => ({ ...oidc('https://slack.com'), pkce: false }),
  discord: () => ({
    ...oauth('https://discord.com', {
      authorization: 'https://discord.com/api/oauth2/authorize',
      token: 'https://discord.com/api/oauth2/token',
      userinfo: 'https://discord.com/api/users/@me',
    }),
    scopes: ['email', 'identify'],
    read: (info) => ({
      ...person(info.id, info.global_name ?? info.username, info.username),
      picture: info.avatar ? `https://cdn.discordapp.com/avatars/${info.id}/${info.avatar}.png` : undefined,
      email: info.email,
      email_verified: info.verified,
    }),
  }),
  facebook: () => ({
    ...oauth('https://www.facebook.com', {
      authorization: 'https://www.facebook.com/v22.0/dialog/oauth',
      token: 'https://graph.facebook.com/v22.0/oauth/access_token',
      userinfo: 'https://graph.facebook.com/v22.0/me?fields=email,first_name,last_name,name,picture',
    }),
    scopes: ['email'],
    // Facebook tells only addresses that were confirmed there.
    read: (info) => ({
      ...person(info.id, info.name),
      email: info.email,
      email_verified: Boolean(info.email),
    }),
  }),
  github: (url = 'https://github.com') => ({
    ...oauth(`${url}/login/oauth`, {
      authorization: `${url}/login/oauth/authorize`,
      token: `${url}/login/oauth/access_token`,
      userinfo: `${githubApi(url)}/user`,
      emails: `${githubApi(url)}/user/emails`,
    }),
    scopes: ['user:email'],
    // `email` in the profile is what the person shows; only the list tells which addresses were confirmed.
    read: (info, emails) => ({
      ...person(info.id, info.name, info.login),
      picture: info.avatar_url,
      emails,
    }),
  }),
  gitlab: (url = 'https://gitlab.com') => ({
    ...oauth(url, {
      authorization: `${url}/oauth/authorize`,
      token: `${url}/oauth/token`,
      userinfo: `${url}/api/v4/user`,
    }),
    scopes: ['read_user'],
    read: (info) => ({
      ...person(info.id, info.name, info.username),
      picture: info.avatar_url,
      email: info.email,
      email_verified: Boolean(info.confirmed_at),
    }),
  }),
}

/** A provider that the environment switches on. */
export function builtInProvider(
  configured: ExternalProviders,
  name: string,
): Provider | 'disabled' | undefined {
  const builtIn = externalProviderNames.find((each) => each === name.toLowerCase())
  if (!builtIn) return undefined
  const settings = configured[builtIn]
  return settings ? build(builtIn, settings) : 'disabled'
}

function build(name: ExternalProviderName, settings: ExternalProvider): Provider {
  const { clientIds, secret, url, skipNonceCheck, emailOptional } = settings
  return {
    ...{ name, clientIds, secret, skipNonceCheck, emailOptional },
    ...{ scopes: OIDC_SCOPES, pkce: true, nonce: true, params: {}, mapping: {}, keptClaims: ['hd'] },
    // Whoever sets the environment owns the machine, and may point it anywhere.
    limits: { allowPrivateHosts: true },
    ...known[name](url),
  }
}

function oidc(issuer: string): OidcProvider {
  return { kind: 'oidc', issuer }
}

function oauth(issuer: string, endpoints: OAuthProvider['endpoints']): OAuthProvider {
  return { kind: 'oauth2', issuer, endpoints }
}

function githubApi(url: string): string {
  return url === 'https://github.com' ? 'https://api.github.com' : `${url}/api/v3`
}

function person(id: unknown, name: unknown, userName?: unknown): Record<string, unknown> {
  const named = userName === undefined ? {} : { user_name: userName, preferred_username: userName }
  return { sub: id, name, ...named }
}
