export type ConnectionRole = 'member' | 'guest' | 'admin'

/** A company's identity provider, and which addresses belong to it. */
export type SsoConnection = {
  id: string
  kind: 'saml' | 'oidc'
  name: string
  provider: string
  domains: string[]
  default_role: ConnectionRole
  created_at: string
}

/** All connections, and what an identity provider has to be told about this server. */
export type Connections = {
  connections: SsoConnection[]
  service_provider: { entity_id: string; metadata_url: string; acs_url: string; callback_url: string }
}

/** "example.com, @example.org" → ["example.com", "example.org"]. */
export const readDomains = (text: string) => [
  ...new Set(
    text
      .toLowerCase()
      .split(/[\s,;]+/)
      .map((domain) => domain.replace(/^@/, ''))
      .filter(Boolean),
  ),
]

export const isDomain = (text: string) =>
  /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/.test(text)
