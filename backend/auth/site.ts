import type { IncomingMessage } from 'node:http'
import { publicOrigin } from '../gateway/forwarded'
import type { Auth, AuthContext } from './auth'
import { type RedirectRules, redirectTarget } from './redirect'

/** The site's address and where else links may lead. Without `SITE_URL` the site is where the request found it. */
export function siteOf({ settings }: Pick<Auth, 'settings'>, c: AuthContext): RedirectRules {
  const { siteUrl, redirectUrls, trustedProxies } = settings
  const { incoming } = (c.env ?? {}) as { incoming?: IncomingMessage }
  const reached = incoming ? publicOrigin(incoming, trustedProxies) : new URL(c.req.url).origin
  return { siteUrl: siteUrl ?? reached, redirectUrls }
}

/** Where a link is to lead: what is asked for in GoTrue's places, else the page that asked, else the site. */
export function requestedTarget(
  auth: Pick<Auth, 'settings'>,
  c: AuthContext,
  inBody?: string | null,
): string {
  const rules = siteOf(auth, c)
  const asked = [inBody, c.req.query('redirect_to'), c.req.header('redirect_to'), c.req.header('referer')]
  return (
    asked.map((each) => redirectTarget(rules, each)).find((each) => each !== rules.siteUrl) ?? rules.siteUrl
  )
}

/** The address of an endpoint of ours as other servers and browsers are to call it. */
export function endpointUrl(auth: Pick<Auth, 'settings'>, c: AuthContext, path: string): string {
  return `${siteOf(auth, c).siteUrl}/auth/v1${path}`
}
