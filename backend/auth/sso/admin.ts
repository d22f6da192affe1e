import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { ApiError } from '../../errors'
import type { Auth, AuthContext } from '../auth'
import { validationFailed } from '../auth-error'
import { isUuid, requireAdmin } from '../authenticate'
import { readBody } from '../request'
import type { Sql } from '../user-row'
import { fetchMetadata, parseMetadata } from './idp-metadata'
import { findSsoProvider, listSsoProviders, type SsoProvider } from './provider-row'

const mapper = z.object({
  name: z.string().optional(),
  names: z.array(z.string()).optional(),
  default: z.unknown().optional(),
  array: z.boolean().optional(),
})
const schema = z.object({
  type: z.string().nullish(),
  metadata_url: z.string().nullish(),
  metadata_xml: z.string().nullish(),
  domains: z.array(z.string()).max(1000).nullish(),
  attribute_mapping: z.object({ keys: z.record(z.string(), mapper).optional() }).nullish(),
  name_id_format: z.string().nullish(),
  resource_id: z.string().max(255).nullish(),
  disabled: z.boolean().nullish(),
})
type Body = z.infer<typeof schema>

const FORMATS = [
  'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
  'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
  'urn:oasis:names:tc:SAML:2.0:nameid-format:transient',
  'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
]
const DOMAIN =
  /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$/

/** `GET /admin/sso/providers`. */
export function getSsoProviders(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    await requireAdmin(auth, c)
    const providers = await listSsoProviders(auth.sql)
    return c.json({ items: providers.map((each) => providerJson(each, false)) })
  }
}

/** `GET /admin/sso/providers/:id`. */
export function getSsoProvider(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => c.json(providerJson(await load(auth, c)))
}

/** `POST /admin/sso/providers`. */
export function createSsoProvider(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    await requireAdmin(auth, c)
    const body = await readBody(c, schema)
    if (body.type !== 'saml') throw validationFailed("Only 'saml' supported for SSO provider type")
    const metadata = await readMetadata(auth, body)
    if (!metadata) throw validationFailed('Either metadata_xml or metadata_url must be set')
    const { xml, entityId } = metadata
    const id = randomUUID()
    const created = await auth.sql.begin(async (sql) => {
      await sql`
        insert into auth.sso_providers (id, resource_id, disabled, created_at, updated_at)
        values (${id}, ${body.resource_id || null}, ${body.disabled ?? null}, now(), now())`
      const inserted = await sql`
        insert into auth.saml_providers (
          id, sso_provider_id, entity_id, metadata_xml, metadata_url, attribute_mapping, name_id_format,
          created_at, updated_at
        ) values (
          ${randomUUID()}, ${id}, ${entityId}, ${xml}, ${body.metadata_url || null},
          ${JSON.stringify(body.attribute_mapping ?? {})}::text::jsonb, ${formatOf(body)}, now(), now()
        )
        on conflict (entity_id) do nothing`
      if (inserted.count === 0) {
        throw new ApiError(
          422,
          'saml_idp_already_exists',
          `SAML Identity Provider with this EntityID (${entityId}) already exists`,
        )
      }
      await setDomains(sql, id, body.domains ?? [])
      return findSsoProvider(sql, id)
    })
    return c.json(created && providerJson(created), 201)
  }
}

/** `PUT /admin/sso/providers/:id`: domains and metadata stay unless they are named, as in GoTrue. */
export function updateSsoProvider(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    const provider = await load(auth, c)
    const body = await readBody(c, schema)
    const metadata = await readMetadata(auth, body)
    if (metadata && metadata.entityId !== provider.entity_id) {
      throw new ApiError(
        400,
        'saml_entity_id_mismatch',
        `SAML Metadata can be updated only if the EntityID matches for the provider; expected '${provider.entity_id}' but got '${metadata.entityId}'`,
      )
    }
    const changed = await auth.sql.begin(async (sql) => {
      await sql`
        update auth.sso_providers set updated_at = now(), disabled = coalesce(${body.disabled ?? null}, disabled),
          resource_id = coalesce(${body.resource_id || null}, resource_id)
        where id = ${provider.id}`
      await sql`
        update auth.saml_providers set
          metadata_xml = coalesce(${metadata?.xml ?? null}, metadata_xml),
          metadata_url = coalesce(${body.metadata_url || null}, metadata_url),
          attribute_mapping = coalesce(
            ${body.attribute_mapping ? JSON.stringify(body.attribute_mapping) : null}::text::jsonb, attribute_mapping
          ),
          name_id_format = case when ${body.name_id_format != null} then ${formatOf(body)} else name_id_format end,
          updated_at = case when ${metadata !== null} then now() else updated_at end
        where sso_provider_id = ${provider.id}`
      if (body.domains) await setDomains(sql, provider.id, body.domains)
      return findSsoProvider(sql, provider.id)
    })
    return c.json(changed && providerJson(changed))
  }
}

/** `DELETE /admin/sso/providers/:id`. The people who came by it keep their accounts and can no longer sign in. */
export function deleteSsoProvider(auth: Auth) {
  return async (c: AuthContext): Promise<Response> => {
    const provider = await load(auth, c)
    await auth.sql`delete from auth.sso_providers where id = ${provider.id}`
    return c.json(providerJson(provider))
  }
}

async function load(auth: Auth, c: AuthContext): Promise<SsoProvider> {
  await requireAdmin(auth, c)
  const id = c.req.param('id') ?? ''
  const provider = isUuid(id) ? await findSsoProvider(auth.sql, id) : undefined
  if (!provider) throw new ApiError(404, 'sso_provider_not_found', 'SSO Identity Provider not found')
  return provider
}

async function readMetadata(auth: Auth, body: Body): Promise<{ xml: string; entityId: string } | null> {
  const { metadata_url: url, metadata_xml: given } = body
  if (url && given) throw validationFailed('Only one of metadata_xml or metadata_url needs to be set')
  if (!url && !given) return null
  const xml = given || (await fetchMetadata(auth, url ?? ''))
  return { xml, entityId: (await parseMetadata(xml)).entityId }
}

function formatOf({ name_id_format: format }: Body): string | null {
  if (!format) return null
  if (FORMATS.includes(format)) return format
  throw validationFailed(`name_id_format must be unspecified or one of ${FORMATS.join(', ')}`)
}

async function setDomains(sql: Sql, id: string, given: string[]): Promise<void> {
  const domains = [...new Set(given.map((each) => each.trim().toLowerCase()))]
  const wrong = domains.find((each) => !DOMAIN.test(each))
  if (wrong !== undefined) throw validationFailed(`'${wrong.slice(0, 100)}' is not a domain`)
  await sql`
    delete from auth.sso_domains where sso_provider_id = ${id}
      and not ${JSON.stringify(domains)}::text::jsonb ? lower(domain)`
  for (const domain of domains) {
    const set = await sql<{ sso_provider_id: string }[]>`
      insert into auth.sso_domains (id, sso_provider_id, domain, created_at, updated_at)
      values (${randomUUID()}, ${id}, ${domain}, now(), now())
      on conflict (lower(domain)) do update set updated_at = auth.sso_domains.updated_at
      returning sso_provider_id`
    const owner = set[0]?.sso_provider_id
    if (owner !== id) {
      throw new ApiError(
        400,
        'sso_domain_already_exists',
        `SSO Domain '${domain}' is already assigned to an SSO identity provider (${owner})`,
      )
    }
  }
}

function providerJson(provider: SsoProvider, withXml = true) {
  const { id, resource_id, disabled, domains, created_at, updated_at } = provider
  const { entity_id, metadata_xml, metadata_url, attribute_mapping, name_id_format } = provider
  return {
    id,
    ...(resource_id ? { resource_id } : {}),
    ...(disabled ? { disabled } : {}),
    saml: {
      entity_id,
      ...(withXml ? { metadata_xml } : {}),
      ...(metadata_url ? { metadata_url } : {}),
      attribute_mapping: attribute_mapping ?? {},
      ...(name_id_format ? { name_id_format } : {}),
    },
    domains,
    created_at,
    updated_at,
  }
}
