import type { Auth, AuthContext } from '../auth'
import { siteOf } from '../site'

/** Whom credentials are made for: a browser shows them to the pages of this domain alone. */
export type RelyingParty = { id: string; name: string; origins: string[] }

/**
 * As configured, else the site. A caller who makes up the address they asked for gains nothing: browsers sign the
 * domain that they are on, and no credential of ours belongs to another one.
 */
export function relyingParty(auth: Pick<Auth, 'settings'>, c: AuthContext): RelyingParty {
  const { webauthnId, webauthnName, webauthnOrigins } = auth.settings
  const site = new URL(siteOf(auth, c).siteUrl)
  return {
    id: webauthnId ?? site.hostname,
    name: webauthnName,
    origins: webauthnOrigins ?? [site.origin],
  }
}
