/** What belongs to the device, not to the person who was signed in. */
const KEPT = new Set(['theme'])

/**
 * Removes what this browser keeps of the person: databases (outbox, drafts, caches) and settings. Somebody else may
 * sit here next. Nothing fails: what cannot be removed is not worth staying signed in for.
 */
export async function wipeLocalData() {
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
