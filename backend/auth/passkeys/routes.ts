import type { Hono } from 'hono'
import { ApiError } from '../../errors'
import type { Auth, AuthEnv } from '../auth'
import { deletePasskey, deletePasskeyOf, listPasskeys, listPasskeysOf, updatePasskey } from './manage'
import { finishRegistration, startRegistration } from './register'
import { finishAuthentication, startAuthentication } from './sign-in'

/** Passkeys: a credential of the device in place of a password. */
export function passkeyRoutes(app: Hono<AuthEnv>, auth: Auth): void {
  app.get('/admin/users/:id/passkeys', listPasskeysOf(auth))
  app.delete('/admin/users/:id/passkeys/:passkeyId', deletePasskeyOf(auth))
  if (!auth.settings.passkeys) {
    for (const path of ['/passkeys', '/passkeys/*']) app.all(path, passkeysDisabled)
    return
  }
  app.post('/passkeys/registration/options', startRegistration(auth))
  app.post('/passkeys/registration/verify', finishRegistration(auth))
  app.post('/passkeys/authentication/options', startAuthentication(auth))
  app.post('/passkeys/authentication/verify', finishAuthentication(auth))
  app.get('/passkeys', listPasskeys(auth))
  app.patch('/passkeys/:id', updatePasskey(auth))
  app.delete('/passkeys/:id', deletePasskey(auth))
}

function passkeysDisabled(): never {
  throw new ApiError(404, 'passkey_disabled', 'Passkeys are disabled')
}
