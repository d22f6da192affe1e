import type { Hono } from 'hono'
import type { Auth, AuthEnv } from '../auth'
import { reauthenticate, recover, resend, signInByMail } from './ask-for-mail'
import { generateLink } from './generate-link'
import { invite } from './invite'
import { openLink, verify } from './verify'

/** What a browser opens from a mail, without a key. */
export function openMailRoutes(app: Hono<AuthEnv>, auth: Auth): void {
  app.get('/verify', openLink(auth))
  app.post('/verify', verify(auth))
}

/** Everything else that is about mails and the links in them. */
export function mailRoutes(app: Hono<AuthEnv>, auth: Auth): void {
  app.post('/recover', recover(auth))
  app.post('/otp', signInByMail(auth))
  app.post('/magiclink', signInByMail(auth))
  app.post('/resend', resend(auth))
  app.get('/reauthenticate', reauthenticate(auth))
  app.post('/invite', invite(auth))
  app.post('/admin/generate_link', generateLink(auth))
}
