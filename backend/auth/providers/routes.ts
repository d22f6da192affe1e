import type { Hono } from 'hono'
import type { Auth, AuthEnv } from '../auth'
import { authorize } from './authorize'
import { callback, callbackForm } from './callback'

/** The paths that browsers open by themselves, without a key. */
export function providerPages(app: Hono<AuthEnv>, auth: Auth): void {
  app.get('/authorize', authorize(auth))
  app.get('/callback', callback(auth))
  app.post('/callback', callbackForm)
}
