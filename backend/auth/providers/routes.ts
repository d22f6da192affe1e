import type { Hono } from 'hono'
import type { Auth, AuthEnv } from '../auth'
import { authorize } from './authorize'
import { callback, callbackForm } from './callback'
import {
  createCustomProvider,
  deleteCustomProvider,
  getCustomProvider,
  listCustomProviders,
  updateCustomProvider,
} from './custom-providers'
import { linkIdentity, unlinkIdentity } from './identities'

/** The paths that browsers open by themselves, without a key. */
export function providerPages(app: Hono<AuthEnv>, auth: Auth): void {
  app.get('/authorize', authorize(auth))
  app.get('/callback', callback(auth))
  app.post('/callback', callbackForm)
}

/** The paths of applications and administrators. */
export function providerRoutes(app: Hono<AuthEnv>, auth: Auth): void {
  app.get('/user/identities/authorize', linkIdentity(auth))
  app.delete('/user/identities/:id', unlinkIdentity(auth))
  app.get('/admin/custom-providers', listCustomProviders(auth))
  app.post('/admin/custom-providers', createCustomProvider(auth))
  app.get('/admin/custom-providers/:identifier', getCustomProvider(auth))
  app.put('/admin/custom-providers/:identifier', updateCustomProvider(auth))
  app.delete('/admin/custom-providers/:identifier', deleteCustomProvider(auth))
}
