import { loadParts } from '@/lib/lazy-part'

/**
 * Lets this browser start without a server: the parts of the application are loaded before they are wanted, and
 * `public/sw.js` keeps them and the frame. What this page loaded before the worker was there is handed over. Where there
 * are no service workers (plain HTTP, some private windows) nothing is kept.
 */
export async function keepFrame(): Promise<void> {
  if (process.env.NODE_ENV !== 'production') return
  const worker = registerWorker()
  await loadParts()
  const active = (await worker)?.active
  if (!active) return
  const loaded = performance.getEntriesByType('resource').map(({ name }) => new URL(name))
  const assets = loaded.filter(
    ({ origin, pathname }) => origin === window.location.origin && pathname.startsWith('/_next/static/'),
  )
  const { origin, pathname } = window.location
  active.postMessage({ page: origin + pathname, assets: [...new Set(assets.map(({ href }) => href))] })
}

async function registerWorker(): Promise<ServiceWorkerRegistration | undefined> {
  try {
    await navigator.serviceWorker?.register('/sw.js')
    return await navigator.serviceWorker?.ready
  } catch {
    // Refused: the application works as long as there is a server.
    return undefined
  }
}
