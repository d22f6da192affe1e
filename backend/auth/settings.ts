import type { Auth, AuthContext } from './auth'
import { isSamlOn } from './sso/saml'

const PROVIDERS =
  'anonymous_users apple azure bitbucket discord facebook figma fly github gitlab google keycloak kakao linkedin linkedin_oidc notion spotify slack slack_oidc snapchat twitch twitter workos zoom phone'

/** `GET /settings`: what a sign-in page may offer. */
export function getSettings(auth: Auth) {
  const on = Object.fromEntries(Object.keys(auth.settings.externalProviders).map((name) => [name, true]))
  const off = Object.fromEntries(PROVIDERS.split(' ').map((name) => [name, false]))
  const body = {
    external: { ...off, ...on, email: true, anonymous_users: auth.settings.anonymousUsers },
    disable_signup: auth.settings.disableSignup,
    mailer_autoconfirm: !auth.mailer || auth.settings.emailAutoconfirm,
    phone_autoconfirm: false,
    sms_provider: '',
    passkeys_enabled: auth.settings.passkeys,
  }
  return (c: AuthContext): Response => c.json({ ...body, saml_enabled: isSamlOn(auth, c) })
}

/** `GET /health`. */
export function getHealth(c: AuthContext): Response {
  const description = 'GoTrue is a user registration and authentication API'
  return c.json({ version: 'embedded', name: 'GoTrue', description })
}
