import { validationFailed } from './auth-error'

/** Where links and sign-ins may lead. */
export type RedirectRules = {
  /** The site's own address. */
  siteUrl: string
  /** Further addresses; `*` stands for text without `/` and `.`, `**` for any text, `?` for one sign of the former. */
  redirectUrls: readonly string[]
}

/** Longer than any address of ours; a pattern with several stars takes its time over a long one. */
const MAX_LENGTH = 2_048

/**
 * The address to lead to after a sign-in: the requested one when the rules have it, else the site. As in GoTrue an
 * address that is not allowed is no error: the person arrives at the site.
 */
export function redirectTarget(rules: RedirectRules, requested: string | null | undefined): string {
  return requested && isAllowed(rules, requested) ? requested : rules.siteUrl
}

/** Throws instead of leading elsewhere: for callers who would not notice. */
export function requireRedirect(rules: RedirectRules, requested: string): string {
  if (isAllowed(rules, requested)) return requested
  throw validationFailed('redirect_to is not among the addresses that links may lead to')
}

function isAllowed({ siteUrl, redirectUrls }: RedirectRules, requested: string): boolean {
  // Browsers read a backslash as a slash and drop tabs and line ends, so that the text is not the address it seems.
  if (requested.length > MAX_LENGTH || /[\\\s\p{Cc}]/u.test(requested) || !URL.canParse(requested))
    return false
  const url = new URL(requested)
  if (url.username || url.password || /^(javascript|data|vbscript|file|blob):$/.test(url.protocol))
    return false
  if (url.origin !== 'null' && url.origin === new URL(siteUrl).origin) return true
  const bare = `${url.protocol}//${url.host}${url.pathname}`
  // What follows the path is the caller's: a pattern is about the place. Nor is it compared with the text as it was sent,
  // in which `https://1249763844?.example.com` looks like a subdomain and is an IP address.
  return redirectUrls.some((pattern) => {
    const expression = globExpression(pattern)
    return expression.test(bare) || expression.test(bare.replace(/\/$/, ''))
  })
}

function globExpression(pattern: string): RegExp {
  const source = pattern.replace(/\*\*|\*|\?|[^*?]+/g, (part) => {
    if (part === '**') return '.*'
    if (part === '*') return '[^./]*'
    if (part === '?') return '[^./]'
    return part.replace(/[\\^$.|+()[\]{}]/g, '\\$&')
  })
  return new RegExp(`^${source}$`, 'i')
}
