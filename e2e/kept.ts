import type { Page } from 'playwright-core'

/** Everything that a browser keeps for this site, as text: databases, caches with their contents, storage. */
export function keptText(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const all: unknown[] = [{ ...localStorage }, { ...sessionStorage }]
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error)
      })
    for (const { name } of await indexedDB.databases()) {
      const db = await done(indexedDB.open(name as string))
      all.push(name)
      for (const store of db.objectStoreNames) {
        all.push(await done(db.transaction(store).objectStore(store).getAll()))
      }
      db.close()
    }
    for (const name of await caches.keys()) {
      const cache = await caches.open(name)
      for (const request of await cache.keys()) {
        all.push(request.url)
        // The build's own files are the same for everybody, and large.
        if (!request.url.includes('/_next/static/')) all.push(await (await cache.match(request))?.text())
      }
    }
    return JSON.stringify(all)
  })
}
