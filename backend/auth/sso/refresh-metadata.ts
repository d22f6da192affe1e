import type { Auth } from '../auth'
import { fetchMetadata, parseMetadata } from './idp-metadata'
import type { SsoProvider } from './provider-row'

/** As in GoTrue: keys change, and an address was given to learn of it. */
const STALE_MS = 24 * 3_600_000

/** The provider with metadata that are not older than a day, where it has an address for them that can be read. */
export async function refreshMetadata(auth: Auth, provider: SsoProvider): Promise<SsoProvider> {
  const { metadata_url: url, read_at: readAt } = provider
  if (!url || Date.now() - new Date(readAt).getTime() < STALE_MS) return provider
  try {
    const xml = await fetchMetadata(auth, url)
    const { entityId } = await parseMetadata(xml)
    if (entityId !== provider.entity_id) throw new Error('the metadata are of another entity')
    await auth.sql`
      update auth.saml_providers set metadata_xml = ${xml}, updated_at = now() where sso_provider_id = ${provider.id}`
    return { ...provider, metadata_xml: xml }
  } catch (error) {
    auth.log.warn(
      { err: error, provider: provider.id },
      'SAML metadata cannot be read again; the old ones stay',
    )
    return provider
  }
}
