import 'server-only'
import { randomBytes } from 'node:crypto'
import { Refusal, unwrap } from '@/lib/api'
import { adminClient, authAdmin, backendAccess, callerClient } from '@/lib/supabase/admin'
import type { Database } from '@/lib/supabase/database.types'
import type { ConnectionChange, NewConnection } from './schema'

type Connection = Database['public']['Tables']['sso_connections']['Row']
type Caller = { token: string; workspaceId: string }

/** The connections of a workspace, and what an identity provider has to be told about us. */
export async function listConnections(caller: Caller, site: string) {
  await requireManager(caller)
  const own = callerClient(caller.token).from('sso_connections')
  const connections = unwrap(await own.select('*').eq('workspace_id', caller.workspaceId).order('created_at'))
  // The embedded backend is reached under the site's own address, a Supabase project under its own.
  const api = `${process.env.SUPABASE_INTERNAL_URL ? site : backendAccess().url}/auth/v1`
  return {
    connections,
    service_provider: {
      entity_id: `${api}/sso/saml/metadata`,
      metadata_url: `${api}/sso/saml/metadata`,
      acs_url: `${api}/sso/saml/acs`,
      callback_url: `${api}/callback`,
    },
  }
}

export async function createConnection(caller: Caller, given: NewConnection): Promise<Connection> {
  await requireManager(caller)
  const provider = await createProvider(given)
  const { kind, name, domains, default_role } = given
  const row = { workspace_id: caller.workspaceId, kind, name, domains, default_role, provider }
  try {
    return unwrap(await adminClient().from('sso_connections').insert(row).select().single())
  } catch (error) {
    // A provider without a connection would sign people in whom nothing here knows of.
    await deleteProvider(kind, provider)
    throw error
  }
}

export async function updateConnection(
  caller: Caller,
  { id, ...change }: ConnectionChange,
): Promise<Connection> {
  const connection = await connectionOf(caller, id)
  const { name, domains, default_role, metadata_url, metadata_xml, issuer, client_id, client_secret } = change
  // First the row, whose checks are the stricter ones; domains that it takes are clean.
  const row = defined({ name, domains, default_role })
  const table = adminClient().from('sso_connections')
  const changed =
    Object.keys(row).length > 0 ? unwrap(await table.update(row).eq('id', id).select().single()) : connection
  const secrets = defined({ issuer, client_id, client_secret })
  const metadata = defined({ metadata_url, metadata_xml })
  try {
    if (connection.kind === 'saml' && (domains || Object.keys(metadata).length > 0)) {
      await authAdmin('PUT', `sso/providers/${connection.provider}`, {
        domains: changed.domains,
        ...metadata,
      })
    } else if (connection.kind === 'oidc' && (name || Object.keys(secrets).length > 0)) {
      const { customProviders } = adminClient().auth.admin
      unwrap(await customProviders.updateProvider(connection.provider, { name: changed.name, ...secrets }))
    }
  } catch (error) {
    const before = {
      name: connection.name,
      domains: connection.domains,
      default_role: connection.default_role,
    }
    await adminClient().from('sso_connections').update(before).eq('id', id)
    throw error
  }
  return changed
}

/** Ends a connection. People keep their accounts; who came by it needs another way to sign in. */
export async function deleteConnection(caller: Caller, id: string): Promise<{ id: string }> {
  const { kind, provider } = await connectionOf(caller, id)
  await deleteProvider(kind, provider)
  unwrap(await adminClient().from('sso_connections').delete().eq('id', id).select())
  return { id }
}

/** Asks the database, as the caller. */
async function requireManager({ token, workspaceId }: Caller): Promise<void> {
  const allowed = unwrap(await callerClient(token).rpc('may_manage_sso', { workspace_id: workspaceId }))
  if (!allowed) {
    throw new Refusal(403, 'not_allowed', 'Only owners of the first workspace set up single sign-on.')
  }
}

async function connectionOf(caller: Caller, id: string): Promise<Connection> {
  await requireManager(caller)
  const own = callerClient(caller.token).from('sso_connections')
  const [found] = unwrap(await own.select('*').eq('workspace_id', caller.workspaceId).eq('id', id))
  if (!found) throw new Refusal(404, 'connection_not_found', 'There is no such single sign-on connection.')
  return found
}

/** Makes the provider at Auth; resolves with what a connection calls it. */
async function createProvider(given: NewConnection): Promise<string> {
  if (given.kind === 'saml') {
    const { domains, metadata_url, metadata_xml } = given
    const body = { type: 'saml', domains, ...defined({ metadata_url, metadata_xml }) }
    return (await authAdmin<{ id: string }>('POST', 'sso/providers', body)).id
  }
  const { name, issuer, client_id, client_secret } = given
  const { identifier } = unwrap(
    await adminClient().auth.admin.customProviders.createProvider({
      provider_type: 'oidc',
      identifier: `custom:sso-${randomBytes(5).toString('hex')}`,
      ...{ name, issuer, client_id, client_secret },
      scopes: ['openid', 'email', 'profile'],
      pkce_enabled: true,
      enabled: true,
    }),
  )
  return identifier
}

/** One that is gone already is as good as deleted. */
async function deleteProvider(kind: string, provider: string): Promise<void> {
  try {
    if (kind === 'saml') await authAdmin('DELETE', `sso/providers/${provider}`)
    else {
      const { error } = await adminClient().auth.admin.customProviders.deleteProvider(provider)
      if (error) unwrap({ data: null, error })
    }
  } catch (error) {
    if (!(error instanceof Refusal) || error.status !== 404) throw error
  }
}

function defined<T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never
}
