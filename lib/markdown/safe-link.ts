const SCHEMES = new Set(['http:', 'https:', 'mailto:', 'tel:'])
// Browsers drop these inside of a scheme, so "java\nscript:" would still run.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are the point
const IGNORED = /[\u0000-\u0020\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g

/** The address when it may be followed: absolute, of a scheme that only opens something. Everything else is text. */
export function safeLink(href: string): string | null {
  const compact = href.replace(IGNORED, '')
  let url: URL
  try {
    url = new URL(compact)
  } catch {
    return null
  }
  if (!SCHEMES.has(url.protocol)) return null
  // "https://bank.example@evil.example" shows one host and opens another.
  if (url.username || url.password) return null
  return url.href
}
