import type { Auth } from '../auth'
import type { Sql } from '../user-row'
import type { Provider } from './provider'

/** A provider that an administrator added, as the table has it. */
export type CustomRow = {
  id: string
  provider_type: 'oauth2' | 'oidc'
  identifier: string
  name: string
  client_id: string
  client_secret: string
  acceptable_client_ids: string[]
  scopes: string[]
  pkce_enabled: boolean
  attribute_mapping: Record<string, unknown>
  authorization_params: Record<string, unknown>
  custom_claims_allowlist: string[]
  enabled: boolean
  email_optional: boolean
  issuer: string | null
  discovery_url: string | null
  skip_nonce_check: boolean
  cached_discovery: Record<string, unknown> | null
  authorization_url: string | null
  token_url: string | null
  userinfo_url: string | null
  jwks_uri: string | null
  created_at: Date
  updated_at: Date
}

/** The columns of a CustomRow; lists arrive as JSON. */
export function customColumns(sql: Sql) {
  return sql`
    *, to_jsonb(acceptable_client_ids) as acceptable_client_ids, to_jsonb(scopes) as scopes,
    to_jsonb(custom_claims_allowlist) as custom_claims_allowlist`
}

/** The row of this identifier. */
export async function findCustomRow(sql: Sql, identifier: string): Promise<CustomRow | undefined> {
  const [row] = await sql<CustomRow[]>`
    select ${customColumns(sql)} from auth.custom_oauth_providers where identifier = ${identifier}`
  return row
}

/** A provider that an administrator added. */
export async function findCustomProvider(
  auth: Auth,
  identifier: string,
): Promise<Provider | 'disabled' | undefined> {
  const row = await findCustomRow(auth.sql, identifier)
  if (!row) return undefined
  if (!row.enabled) return 'disabled'
  return providerOf(auth, row, await auth.providerSecrets.open(row.client_secret))
}

/** What a row means. */
export function providerOf(auth: Pick<Auth, 'settings'>, row: CustomRow, secret: string): Provider {
  const common = {
    name: row.identifier,
    clientIds: [row.client_id, ...row.acceptable_client_ids],
    secret,
    scopes: row.scopes,
    pkce: row.pkce_enabled,
    nonce: row.provider_type === 'oidc',
    skipNonceCheck: row.skip_nonce_check,
    emailOptional: row.email_optional,
    params: Object.fromEntries(
      Object.entries(row.authorization_params).map(([name, value]) => [
        name,
        typeof value === 'string' ? value : JSON.stringify(value),
      ]),
    ),
    mapping: row.attribute_mapping,
    keptClaims: row.custom_claims_allowlist,
    limits: { allowPrivateHosts: auth.settings.externalAllowPrivateHosts },
  }
  if (row.provider_type === 'oidc') {
    const discovery = row.discovery_url ? { discoveryUrl: row.discovery_url } : {}
    return { ...common, kind: 'oidc', issuer: row.issuer ?? '', ...discovery }
  }
  const endpoints = {
    authorization: row.authorization_url ?? '',
    token: row.token_url ?? '',
    userinfo: row.userinfo_url ?? '',
  }
  return { ...common, kind: 'oauth2', issuer: new URL(endpoints.authorization).origin, endpoints }
}

type Stored = Omit<CustomRow, 'id' | 'cached_discovery' | 'created_at' | 'updated_at'>

/** Stores a new provider; undefined when the identifier is taken. */
export async function insertCustomRow(
  sql: Sql,
  input: Stored,
  discovery: Record<string, unknown> | null,
): Promise<CustomRow | undefined> {
  const [row] = await sql<CustomRow[]>`
    insert into auth.custom_oauth_providers (${sql(COLUMNS)}) ${recordOf(sql, input, discovery)}
    on conflict (identifier) do nothing returning ${customColumns(sql)}`
  return row
}

/** Replaces a provider. */
export async function updateCustomRow(
  sql: Sql,
  id: string,
  input: Stored,
  discovery: Record<string, unknown> | null,
): Promise<CustomRow | undefined> {
  const [row] = await sql<CustomRow[]>`
    update auth.custom_oauth_providers set (${sql(COLUMNS)}, updated_at) = (
      select each.*, now() from (${recordOf(sql, input, discovery)}) each
    )
    where id = ${id} returning ${customColumns(sql)}`
  return row
}

const COLUMNS = [
  'provider_type identifier name client_id client_secret acceptable_client_ids scopes pkce_enabled',
  'attribute_mapping authorization_params custom_claims_allowlist enabled email_optional issuer discovery_url',
  'skip_nonce_check authorization_url token_url userinfo_url jwks_uri cached_discovery',
].flatMap((line) => line.split(' '))

/** One JSON text carries all columns with their types. */
function recordOf(sql: Sql, input: Stored, discovery: Record<string, unknown> | null) {
  const json = JSON.stringify({ ...input, cached_discovery: discovery })
  return sql`
    select ${sql(COLUMNS)}
    from jsonb_populate_record(null::auth.custom_oauth_providers, ${json}::text::jsonb)`
}
