import type { Sql } from '../user-row'

/** How an attribute of an assertion becomes a claim. */
export type AttributeMapping = {
  keys?: Record<string, { name?: string; names?: string[]; default?: unknown; array?: boolean }>
}

/** A SAML identity provider as it is stored. */
export type SsoProvider = {
  id: string
  resource_id: string | null
  disabled: boolean
  created_at: Date
  updated_at: Date
  entity_id: string
  metadata_xml: string
  metadata_url: string | null
  attribute_mapping: AttributeMapping | null
  name_id_format: string | null
  /** When the metadata was last read. */
  read_at: Date
  domains: { id: string; domain: string; created_at: string; updated_at: string }[]
}

/** All identity providers, in the order in which they were added. */
export function listSsoProviders(sql: Sql): Promise<SsoProvider[]> {
  return sql<SsoProvider[]>`${select(sql)} order by p.created_at, p.id`
}

/** The identity provider with this id. */
export async function findSsoProvider(sql: Sql, id: string): Promise<SsoProvider | undefined> {
  const [row] = await sql<SsoProvider[]>`${select(sql)} where p.id = ${id}`
  return row
}

/** The identity provider for people with addresses in this domain. */
export async function findByDomain(sql: Sql, domain: string): Promise<SsoProvider | undefined> {
  const [row] = await sql<SsoProvider[]>`
    ${select(sql)} where p.id = (
      select sso_provider_id from auth.sso_domains where lower(domain) = ${domain.trim().toLowerCase()}
    )`
  return row
}

/** The identity provider that calls itself this. */
export async function findByEntityId(sql: Sql, entityId: string): Promise<SsoProvider | undefined> {
  const [row] = await sql<SsoProvider[]>`${select(sql)} where s.entity_id = ${entityId}`
  return row
}

function select(sql: Sql) {
  return sql`
    select p.id, p.resource_id, coalesce(p.disabled, false) as disabled, p.created_at, p.updated_at,
      s.entity_id, s.metadata_xml, s.metadata_url, s.attribute_mapping, s.name_id_format, s.updated_at as read_at,
      (
        select coalesce(json_agg(json_build_object(
          'id', d.id, 'domain', d.domain, 'created_at', d.created_at, 'updated_at', d.updated_at
        ) order by d.domain), '[]')
        from auth.sso_domains d where d.sso_provider_id = p.id
      ) as domains
    from auth.sso_providers p join auth.saml_providers s on s.sso_provider_id = p.id`
}
