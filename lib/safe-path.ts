/**
 * A path of this site that somebody put into the address, or the fallback. Anything that a browser could read as
 * another site (`//evil`, `/\evil`, `javascript:`) is not a path of ours.
 */
export function safePath(path: string | null | undefined, fallback = '/'): string {
  if (!path?.startsWith('/') || path.startsWith('//') || path.includes('\\')) return fallback
  const origin = 'http://site.invalid'
  if (!URL.canParse(path, origin)) return fallback
  const url = new URL(path, origin)
  return url.origin === origin ? url.pathname + url.search + url.hash : fallback
}
