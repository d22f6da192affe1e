/** Everything this product keeps in a browser for a person starts with this. */
const PREFIX = 'enterprise-chat'

/** The name of a person's database in IndexedDB. */
export const localDatabaseName = (userId: string) => `${PREFIX}:${userId}`

/** A key in localStorage for something that belongs to a person. */
export const localKey = (userId: string, name: string) => `${PREFIX}:${userId}:${name}`

const open = new Set<() => void>()

/** Says how to close an open database: one that stays open cannot be deleted. Returns how to take that back. */
export function onWipe(close: () => void): () => void {
  open.add(close)
  return () => open.delete(close)
}

/** What belongs to the device, not to the person who was signed in. */
const KEPT = new Set(['theme'])

/**
 * Removes what this browser keeps of the person: databases (outbox, drafts, caches) and settings. Somebody else may
 * sit here next. Nothing fails: what cannot be removed is not worth staying signed in for.
 */
export async function wipeLocalData() {
  for (const close of [...open]) close()
  open.clear()
  for (const key of Object.keys(localStorage)) if (!KEPT.has(key)) localStorage.removeItem(key)
  sessionStorage.clear()
  try {
    const databases = await indexedDB.databases()
    await Promise.all(databases.map(({ name }) => name && removeDatabase(name)))
  } catch {
    // Some browsers refuse to list databases in private windows, where nothing is kept anyway.
  }
}

function removeDatabase(name: string) {
  return new Promise<void>((resolve) => {
    const request = indexedDB.deleteDatabase(name)
    request.onsuccess = request.onerror = request.onblocked = () => resolve()
  })
}
