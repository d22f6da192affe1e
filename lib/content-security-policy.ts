type Options = { nonce: string; supabaseUrl?: string; development?: boolean }

function sources(supabaseUrl: string | undefined) {
  if (!supabaseUrl || !URL.canParse(supabaseUrl)) return []
  const { origin, protocol, host } = new URL(supabaseUrl)
  return [origin, `${protocol === 'https:' ? 'wss' : 'ws'}://${host}`]
}

/**
 * What a page may load and whom it may talk to. Nothing inline runs without the nonce, nobody may frame a page,
 * and the only other origin is the Supabase installation that was configured, if any.
 */
export function contentSecurityPolicy({ nonce, supabaseUrl, development }: Options) {
  const backend = sources(supabaseUrl)
  const directives: Record<string, string[]> = {
    'default-src': ["'self'"],
    'script-src': [
      "'self'",
      `'nonce-${nonce}'`,
      "'strict-dynamic'",
      ...(development ? ["'unsafe-eval'"] : []),
    ],
    'style-src': development ? ["'self'", "'unsafe-inline'"] : ["'self'", `'nonce-${nonce}'`],
    'img-src': ["'self'", 'blob:', 'data:', ...backend],
    'media-src': ["'self'", 'blob:', ...backend],
    'font-src': ["'self'"],
    'connect-src': ["'self'", ...backend],
    'worker-src': ["'self'", 'blob:'],
    'manifest-src': ["'self'"],
    'object-src': ["'none'"],
    'base-uri': ["'none'"],
    'form-action': ["'self'"],
    'frame-ancestors': ["'none'"],
    // The development server evaluates and patches code as it goes.
    ...(development ? {} : { 'require-trusted-types-for': ["'script'"], 'trusted-types': ['default'] }),
  }
  return Object.entries(directives)
    .map(([name, values]) => `${name} ${values.join(' ')}`)
    .join('; ')
}
