import { Hono } from 'hono'
import { createMiddleware } from 'hono/factory'
import { apiKeyOf, type CallerDeps, CallerError, resolveKey } from '../caller'
import { ApiError, databaseAwayError, errorResponse, isDatabaseAway } from '../errors'
import { limitBody } from '../gateway/limit-body'
import type { Deps, Service } from '../services'
import { listUsers } from './admin-list'
import { createUser, deleteUser, getUserById, updateUserById } from './admin-users'
import type { Auth, AuthContext, AuthEnv } from './auth'
import { authErrorResponse, notImplemented } from './auth-error'
import { createCleanup } from './cleanup'
import { factorRoutes } from './factors/routes'
import { createLater } from './later'
import { createLimits } from './limits'
import { createCodes } from './mail/codes'
import { createMailer } from './mail/mailer'
import { mailRoutes, openMailRoutes } from './mail/routes'
import { passkeyRoutes } from './passkeys/routes'
import { createPasswords } from './passwords'
import { providerPages, providerRoutes } from './providers/routes'
import { sealOfProviders } from './seal'
import { getHealth, getSettings } from './settings'
import { signInWithPassword, token } from './sign-in'
import { signOut } from './sign-out'
import { signUp } from './sign-up'
import { ssoPages, ssoRoutes } from './sso/routes'
import { serviceKeyOf } from './sso/service-key'
import { getUser, putUser } from './user'

const MAX_BODY_BYTES = 1_048_576

/** The rest of GoTrue. */
const NOT_YET = [
  '/oauth/* /scim/* /user/oauth/*',
  '/admin/* /.well-known/openid-configuration /.well-known/oauth-authorization-server',
].flatMap((paths) => paths.split(' '))

/** GoTrue's part that the product uses, under `/auth/v1`. */
export function createAuth(deps: Deps): Service {
  const { settings, tokens, database, log } = deps
  const mailer = settings.smtp ? createMailer(settings.smtp, log) : null
  const auth: Auth = {
    sql: database.auth,
    tokens,
    passwords: createPasswords(),
    limits: createLimits(settings),
    settings,
    mailer,
    samlKey: serviceKeyOf(settings.dataDir),
    providerSecrets: sealOfProviders(deps.secrets.signingKey),
    codes: createCodes(deps.secrets),
    later: createLater(log),
    log,
  }
  const cleanup = createCleanup(auth.sql, settings, log)
  return {
    name: 'auth',
    app: createApp(auth, deps),
    start: async () => cleanup.start(),
    async stop() {
      await cleanup.stop()
      await auth.later.settled()
      await mailer?.stop()
    },
  }
}

function createApp(auth: Auth, deps: Deps): Hono<AuthEnv> {
  const app = new Hono<AuthEnv>().basePath('/auth/v1')
  app.onError((error, c) => render(error, c, deps))
  app.use(async (c, next) => {
    await next()
    if (!c.res.headers.has('cache-control')) c.header('cache-control', 'no-store')
  })
  app.use(limitBody(MAX_BODY_BYTES, tooLarge))
  app.get('/health', getHealth)
  app.get('/.well-known/jwks.json', (c) => {
    c.header('cache-control', 'public, max-age=600')
    return c.json(auth.tokens.jwks())
  })
  providerPages(app, auth)
  openMailRoutes(app, auth)
  ssoPages(app, auth)
  app.use(requireKey(deps))
  mailRoutes(app, auth)
  app.get('/settings', getSettings(auth))
  app.post('/signup', signUp(auth))
  app.post('/token', token(auth))
  app.post('/login', signInWithPassword(auth))
  app.post('/logout', signOut(auth))
  app.get('/user', getUser(auth))
  app.put('/user', putUser(auth))
  app.get('/admin/users', listUsers(auth))
  app.post('/admin/users', createUser(auth))
  app.get('/admin/users/:id', getUserById(auth))
  app.put('/admin/users/:id', updateUserById(auth))
  app.delete('/admin/users/:id', deleteUser(auth))
  factorRoutes(app, auth)
  passkeyRoutes(app, auth)
  providerRoutes(app, auth)
  ssoRoutes(app, auth)
  app.on(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], NOT_YET, (c) => {
    throw notImplemented(`${c.req.method} ${c.req.path}`)
  })
  return app
}

function requireKey(deps: CallerDeps) {
  return createMiddleware<AuthEnv>(async (c, next) => {
    const key = await resolveKey(apiKeyOf(c.req.raw), c.req.raw.headers, deps)
    c.set('keyRole', key.role)
    await next()
  })
}

function tooLarge(): never {
  throw new ApiError(413, 'request_too_large', `The request is larger than ${MAX_BODY_BYTES} bytes`)
}

/** Refusals in GoTrue's form, except those of keys, which Supabase's gateway words. */
function render(error: Error, c: AuthContext, { log }: Deps): Response {
  const version = c.req.header('x-supabase-api-version')
  if (error instanceof CallerError) return errorResponse(error)
  if (error instanceof ApiError) return authErrorResponse(error, version)
  if (isDatabaseAway(error)) return errorResponse(databaseAwayError())
  log.error({ err: error, path: c.req.path }, 'A request to auth failed')
  const message = 'Unexpected failure, please check server logs for more information'
  return authErrorResponse(new ApiError(500, 'unexpected_failure', message), version)
}
