/**
 * Lets the application start without a server: its frame, which is the same for everybody, and the files that the build
 * names by their content. Documents come from the network as long as there is one; answers of the API never come here,
 * and nothing that belongs to a person does. docs/decisions/0011-what-a-browser-keeps.md
 */
const CACHE = 'frame-1'
const FRAME = '/w/'
/** Where the bare address leads without a server: the workspace that was open last. */
const LAST = '/w/last'
const ASSETS = '/_next/static/'
/** What a document needs of them to be drawn. */
const FILES = /\/_next\/static\/[^"'\\\s?<>()]+\.(?:js|css)/g
const MAX_ASSETS = 400
/** A network that is there and does not answer is none. */
const PATIENCE_MS = 3_000

addEventListener('install', () => skipWaiting())
addEventListener('activate', (event) => event.waitUntil(start()))
addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== location.origin) return
  if (url.pathname.startsWith(ASSETS)) event.respondWith(asset(request))
  else if (request.mode === 'navigate' && (url.pathname.startsWith(FRAME) || url.pathname === '/')) {
    event.respondWith(page(event, url))
  }
})
// What a page had loaded before this worker was there.
addEventListener('message', (event) => event.waitUntil(keepAll(event.data)))

async function start() {
  for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name)
  await clients.claim()
}

async function asset(request) {
  const cache = await caches.open(CACHE)
  const kept = await cache.match(request)
  if (kept) return kept
  const answer = await fetch(request)
  if (answer.ok) await cache.put(request, answer.clone())
  return answer
}

async function page(event, url) {
  const failed = () => null
  const answer = fetch(event.request)
  if (url.pathname !== '/') {
    event.waitUntil(answer.then((document) => keepFrame(document.clone(), url)).catch(failed))
  }
  const cache = await caches.open(CACHE)
  const kept = await (url.pathname === '/' ? lastPlace(cache) : cache.match(FRAME))
  if (!kept) return answer
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, null))
  const first = await Promise.race([answer.catch(failed), late])
  return first && first.status < 500 ? first : kept
}

/**
 * The frame takes the place of the one before when all its files are here, too: a document that came too late to be
 * shown, from another build, would otherwise be the next to start from, and bare.
 */
async function keepFrame(answer, url) {
  if (!answer.ok || answer.redirected) return
  const cache = await caches.open(CACHE)
  const files = (await answer.clone().text()).match(FILES) ?? []
  for (const file of new Set(files)) if (!(await cache.match(file))) await cache.add(file)
  await cache.put(FRAME, answer)
  await cache.put(LAST, new Response(url.pathname.split('/').slice(0, 3).join('/')))
  const assets = (await cache.keys()).filter(({ url }) => new URL(url).pathname.startsWith(ASSETS))
  for (const old of assets.slice(0, Math.max(0, assets.length - MAX_ASSETS))) await cache.delete(old)
}

async function lastPlace(cache) {
  const place = await (await cache.match(LAST))?.text()
  return place && Response.redirect(place)
}

async function keepAll({ page, assets }) {
  const cache = await caches.open(CACHE)
  for (const url of assets) {
    if (!(await cache.match(url))) await cache.add(url).catch(() => {})
  }
  if (!(await cache.match(FRAME))) await keepFrame(await fetch(page), new URL(page))
}
