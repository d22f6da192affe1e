import type { Hono } from 'hono'
import type { Auth, AuthEnv } from '../auth'
import { assertionConsumer } from './acs'
import {
  createSsoProvider,
  deleteSsoProvider,
  getSsoProvider,
  getSsoProviders,
  updateSsoProvider,
} from './admin'
import { singleSignOn } from './sign-in'
import { serviceMetadata } from './sp-metadata'

/** The paths that identity providers and the browsers they send open, without a key. */
export function ssoPages(app: Hono<AuthEnv>, auth: Auth): void {
  app.get('/sso/saml/metadata', serviceMetadata(auth))
  app.post('/sso/saml/acs', assertionConsumer(auth))
}

/** The paths of applications and administrators. */
export function ssoRoutes(app: Hono<AuthEnv>, auth: Auth): void {
  app.post('/sso', singleSignOn(auth))
  app.get('/admin/sso/providers', getSsoProviders(auth))
  app.post('/admin/sso/providers', createSsoProvider(auth))
  app.get('/admin/sso/providers/:id', getSsoProvider(auth))
  app.put('/admin/sso/providers/:id', updateSsoProvider(auth))
  app.delete('/admin/sso/providers/:id', deleteSsoProvider(auth))
}
