import { z } from 'zod'

const name = z.string().trim().min(1).max(80)
const domains = z.array(z.string().max(255)).min(1).max(50)
const default_role = z.enum(['admin', 'member', 'guest'])
const webAddress = z.url({ protocol: /^https?$/ }).max(2048)
const secret = z.string().min(1).max(2048)

const saml = {
  kind: z.literal('saml'),
  /** One of the two: where the identity provider publishes its metadata, or the metadata itself. */
  metadata_url: webAddress.optional(),
  metadata_xml: z.string().max(1_000_000).optional(),
}
const oidc = { kind: z.literal('oidc'), issuer: webAddress, client_id: secret, client_secret: secret }

/** A connection as an owner sets it up. */
export const newConnectionSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ name, domains, default_role: default_role.default('member'), ...saml }),
    z.strictObject({ name, domains, default_role: default_role.default('member'), ...oidc }),
  ])
  .refine((given) => given.kind === 'oidc' || !given.metadata_url !== !given.metadata_xml, {
    message: 'metadata_url or metadata_xml is needed',
  })
export type NewConnection = z.infer<typeof newConnectionSchema>

/** What of a connection changes; what is left out stays. */
export const connectionChangeSchema = z.strictObject({
  id: z.uuid(),
  name: name.optional(),
  domains: domains.optional(),
  default_role: default_role.optional(),
  metadata_url: saml.metadata_url,
  metadata_xml: saml.metadata_xml,
  issuer: webAddress.optional(),
  client_id: secret.optional(),
  client_secret: secret.optional(),
})
export type ConnectionChange = z.infer<typeof connectionChangeSchema>

export const connectionIdSchema = z.strictObject({ id: z.uuid() })
