import { IDBFactory } from 'fake-indexeddb'

/** What a browser keeps on disk for one person: it outlives every page, also one that crashed. */
export type Profile = {
  indexedDB: IDBFactory
  localStorage: Storage
  locks: ReturnType<typeof createLocks>
  /** Who listens on which broadcast channel, over all pages. */
  broadcasts: Map<string, Set<(data: unknown) => void>>
}

export function createProfile(): Profile {
  return {
    indexedDB: new IDBFactory(),
    localStorage: createStorage(),
    locks: createLocks(),
    broadcasts: new Map(),
  }
}

export function createStorage(): Storage {
  const items = new Map<string, string>()
  const methods: Storage = {
    get length() {
      return items.size
    },
    key: (index) => [...items.keys()][index] ?? null,
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, String(value)),
    removeItem: (key) => void items.delete(key),
    clear: () => items.clear(),
  }
  // Its keys are listed as properties are.
  return new Proxy(methods, {
    ownKeys: () => [...items.keys()],
    getOwnPropertyDescriptor: (_, key) => describe(key),
  })

  function describe(key: string | symbol) {
    const value = items.get(String(key))
    return value === undefined ? undefined : { value, enumerable: true, configurable: true, writable: true }
  }
}

type Callback = (lock: { name: string } | null) => unknown
type Request = { page: object; run(): void; refuse(reason: Error): void }

/** Web Locks, exclusive ones: `steal`, `ifAvailable` and `signal` included; a page that dies lets go of its own. */
function createLocks() {
  const held = new Map<string, Request>()
  const queues = new Map<string, Request[]>()
  const dead = new WeakSet<object>()

  function next(name: string) {
    const queue = queues.get(name) ?? []
    const first = queue.shift()
    if (!first) return
    held.set(name, first)
    first.run()
  }

  function release(name: string, request: Request) {
    if (held.get(name) !== request) return
    held.delete(name)
    next(name)
  }

  return {
    /** The lock manager as one page sees it. */
    of(page: object) {
      return {
        request(name: string, ...rest: [Callback] | [LockOptions, Callback]): Promise<unknown> {
          const [options, callback] = rest.length === 1 ? [{}, rest[0]] : rest
          // Its last promises still run; a lock that they took would never be let go.
          if (dead.has(page)) return new Promise(() => {})
          if (options.ifAvailable && held.has(name)) return Promise.resolve(callback(null))
          return new Promise((resolve, reject) => {
            const request: Request = {
              page,
              refuse: reject,
              run: () => {
                Promise.resolve()
                  .then(() => callback({ name }))
                  .then(resolve, reject)
                  .finally(() => release(name, request))
              },
            }
            const queue = queues.get(name) ?? []
            queues.set(name, queue)
            if (options.steal) {
              held.get(name)?.refuse(new DOMException('The lock was stolen.', 'AbortError'))
              held.delete(name)
              queue.unshift(request)
            } else {
              queue.push(request)
            }
            options.signal?.addEventListener('abort', () => {
              const place = queue.indexOf(request)
              if (place < 0) return
              queue.splice(place, 1)
              reject(options.signal?.reason)
            })
            if (!held.has(name)) next(name)
          })
        },
      }
    },
    forget(page: object) {
      dead.add(page)
      for (const queue of queues.values()) {
        for (const request of queue.filter((each) => each.page === page))
          queue.splice(queue.indexOf(request), 1)
      }
      for (const [name, request] of [...held]) if (request.page === page) release(name, request)
    },
  }
}
