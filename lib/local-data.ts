/** Everything this product keeps in a browser for a person starts with this. */
const PREFIX = 'enterprise-chat'

/** The name of a database of a person in IndexedDB: what they have not sent yet, and (`cache`) what was read. */
export const localDatabaseName = (userId: string, part?: 'cache') =>
  part ? `${PREFIX}:${userId}:${part}` : `${PREFIX}:${userId}`

/** A key in localStorage for something that belongs to a person. */
export const localKey = (userId: string, name: string) => `${PREFIX}:${userId}:${name}`

const open = new Set<() => void>()

/** Says how to stop keeping something: an open database cannot be deleted. Returns how to take that back. */
export function onWipe(close: () => void): () => void {
  open.add(close)
  return () => open.delete(close)
}

/** What belongs to the device, not to the person who was signed in. */
const KEPT = new Set(['theme', 'config'])

const otherTabs =
  typeof BroadcastChannel === 'undefined' || typeof window === 'undefined'
    ? null
    : new BroadcastChannel(`${PREFIX}:wipe`)
otherTabs?.addEventListener('message', ({ data }: MessageEvent<Told>) => {
  stopKeeping()
  // Each tab has a sessionStorage of its own, which no other can reach.
  if (data?.signedOut) sessionStorage.clear()
})

/** What one tab tells the others: whether the person signed out, or only the session ended. */
type Told = { signedOut: boolean } | null

function stopKeeping() {
  for (const close of [...open]) close()
  open.clear()
}

/**
 * Removes what this browser keeps of the person: databases (outbox, cache), drafts, settings, the frame that is shown
 * offline. Somebody else may sit here next. Other tabs stop writing at once and forget what only they know. Nothing fails:
 * what cannot be removed is not worth staying signed in for.
 */
export async function wipeLocalData() {
  stopKeeping()
  otherTabs?.postMessage({ signedOut: true } satisfies Told)
  for (const key of Object.keys(localStorage)) if (!KEPT.has(key)) localStorage.removeItem(key)
  sessionStorage.clear()
  await Promise.allSettled([removeDatabases(() => true), forgetFrame()])
}

/**
 * The server ended the session: what was read goes, what was written and not sent yet waits for its author. Anybody else
 * who signs in here removes that, too (`forgetOthers`).
 */
export async function forgetRead() {
  stopKeeping()
  otherTabs?.postMessage({ signedOut: false } satisfies Told)
  removeKeys((key) => key.startsWith(`${PREFIX}:`))
  await removeDatabases((name) => name.startsWith(PREFIX) && name.endsWith(':cache')).catch(() => {})
}

/** Removes what is left of everybody but this person. */
export async function forgetOthers(userId: string) {
  const foreign = (name: string) => name.startsWith(`${PREFIX}:`) && !name.startsWith(`${PREFIX}:${userId}`)
  removeKeys(foreign)
  await removeDatabases(foreign).catch(() => {})
}

function removeKeys(which: (key: string) => boolean) {
  for (const key of Object.keys(localStorage)) if (which(key)) localStorage.removeItem(key)
}

/** Rejects where the browser does not list databases, in some private windows, where nothing is kept anyway. */
async function removeDatabases(which: (name: string) => boolean) {
  const databases = await indexedDB.databases()
  await Promise.all(databases.map(({ name }) => name && which(name) && removeDatabase(name)))
}

function removeDatabase(name: string) {
  return new Promise<void>((resolve) => {
    const request = indexedDB.deleteDatabase(name)
    request.onsuccess = request.onerror = request.onblocked = () => resolve()
  })
}

async function forgetFrame() {
  const registrations = await navigator.serviceWorker?.getRegistrations()
  await Promise.all((registrations ?? []).map((registration) => registration.unregister()))
  await Promise.all((await caches.keys()).map((name) => caches.delete(name)))
}
