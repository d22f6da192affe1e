import { ApiError } from '../../errors'
import type { Auth, AuthContext } from '../auth'
import { validationFailed } from '../auth-error'
import { requireAdmin } from '../authenticate'
import { readBody } from '../request'
import { type CustomInput, createSchema, readNew, updateSchema, withChanges } from './custom-input'
import { type CustomRow, customColumns, findCustomRow, insertCustomRow, updateCustomRow } from './custom-row'
import { discover } from './discover'

/** `GET /admin/custom-providers?type=`. */
export function listCustomProviders(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    await requireAdmin(auth, c)
    const type = c.req.query('type')
    if (type && type !== 'oauth2' && type !== 'oidc') {
      throw validationFailed("type must be either 'oauth2' or 'oidc'")
    }
    const rows = await auth.sql<CustomRow[]>`
      select ${customColumns(auth.sql)} from auth.custom_oauth_providers
      where provider_type = coalesce(${type ?? null}, provider_type) order by created_at desc, id`
    return c.json({ providers: rows.map(customJson) })
  }
}

/** `POST /admin/custom-providers`. */
export function createCustomProvider(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    await requireAdmin(auth, c)
    const input = readNew(await readBody(c, createSchema), auth.settings)
    const secret = input.client_secret
    const discovery = await discover(auth, input, secret)
    const stored = { ...input, client_secret: await auth.providerSecrets.seal(secret) }
    const row = await insertCustomRow(auth.sql, stored, discovery)
    if (!row) {
      throw new ApiError(400, 'conflict', 'A custom OAuth provider with this identifier already exists')
    }
    return c.json(customJson(row), 201)
  }
}

/** `GET /admin/custom-providers/:identifier`. */
export function getCustomProvider(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => c.json(customJson(await load(auth, c)))
}

/** `PUT /admin/custom-providers/:identifier`: what is not named stays. */
export function updateCustomProvider(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    const row = await load(auth, c)
    const body = await readBody(c, updateSchema)
    const changed: CustomInput = withChanges(row, body, auth.settings)
    const secret = body.client_secret || (await auth.providerSecrets.open(row.client_secret))
    const moved = changed.issuer !== row.issuer || changed.discovery_url !== row.discovery_url
    const discovery = moved ? await discover(auth, changed, secret) : row.cached_discovery
    const stored = { ...changed, client_secret: await auth.providerSecrets.seal(secret) }
    const updated = await updateCustomRow(auth.sql, row.id, stored, discovery)
    if (!updated) throw notFound()
    return c.json(customJson(updated))
  }
}

/** `DELETE /admin/custom-providers/:identifier`. */
export function deleteCustomProvider(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    const { id } = await load(auth, c)
    await auth.sql`delete from auth.custom_oauth_providers where id = ${id}`
    return c.json({ message: 'Custom OAuth provider deleted successfully' })
  }
}

async function load(auth: Auth, c: AuthContext): Promise<CustomRow> {
  await requireAdmin(auth, c)
  const identifier = c.req.param('identifier') ?? ''
  if (!identifier.startsWith('custom:')) {
    throw validationFailed("identifier must start with 'custom:' prefix")
  }
  const row = await findCustomRow(auth.sql, identifier)
  if (!row) throw notFound()
  return row
}

/** Everything but the secret. */
function customJson(row: CustomRow) {
  const { client_secret: _, cached_discovery: discovery, ...shown } = row
  const { discovery_cached_at: __, ...rest } = shown as typeof shown & { discovery_cached_at?: unknown }
  const set = Object.entries(rest).filter(([, value]) => value !== null)
  return {
    ...Object.fromEntries(set),
    ...(row.provider_type === 'oidc' ? { discovery_document: discovery } : {}),
  }
}

function notFound(): ApiError {
  return new ApiError(404, 'provider_not_found', 'Custom OAuth provider not found')
}
