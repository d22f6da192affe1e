import { loadParts } from '@/lib/lazy-part'

/** A worker that does not come to it in this time is not waited for. */
const CONTROL_MS = 10_000

/**
 * Lets this browser start without a server: the parts of the application are loaded before they are wanted, and
 * `public/sw.js` keeps them and the frame. They are loaded by way of the worker, so each comes once; what this page had
 * loaded before it was there is handed over. Where there are no service workers (plain HTTP, some private windows) parts
 * are loaded and nothing is kept.
 */
export async function keepFrame(): Promise<void> {
  if (process.env.NODE_ENV !== 'production') return
  const active = await startWorker()
  await loadParts()
  if (!active) return
  const loaded = performance.getEntriesByType('resource').map(({ name }) => new URL(name))
  const assets = loaded.filter(
    ({ origin, pathname }) => origin === window.location.origin && pathname.startsWith('/_next/static/'),
  )
  const { origin, pathname } = window.location
  active.postMessage({ page: origin + pathname, assets: [...new Set(assets.map(({ href }) => href))] })
}

/** The worker once it answers for this page. */
async function startWorker(): Promise<ServiceWorker | null> {
  const { serviceWorker } = navigator
  if (!serviceWorker) return null
  try {
    await serviceWorker.register('/sw.js')
    const { active } = await serviceWorker.ready
    if (!serviceWorker.controller) await takesOver(serviceWorker)
    return active
  } catch {
    // Refused: the application works as long as there is a server.
    return null
  }
}

function takesOver(serviceWorker: ServiceWorkerContainer): Promise<unknown> {
  return new Promise((resolve) => {
    serviceWorker.addEventListener('controllerchange', resolve, { once: true })
    setTimeout(resolve, CONTROL_MS)
  })
}
