import { type DBSchema, openDB } from 'idb'
import type { AppError } from '@/lib/errors'
import { localDatabaseName, onWipe } from '@/lib/local-data'
import type { NewMessage } from './mutations'

/** A message on its way. Its id is time-ordered, so ids are the sending order. */
export type OutboxEntry = NewMessage & {
  state: 'pending' | 'failed'
  created_at: string
  attempts: number
  /** Epoch milliseconds before which it is not tried again. */
  retry_at: number
  error: AppError | null
}

export type OutboxDb = {
  all(): Promise<OutboxEntry[]>
  put(entry: OutboxEntry): Promise<void>
  remove(id: string): Promise<void>
  close(): void
}

interface Schema extends DBSchema {
  outbox: { key: string; value: OutboxEntry }
}

/** The person's outbox in IndexedDB; in memory where the browser allows none (some private windows). */
export async function openOutboxDb(userId: string): Promise<OutboxDb> {
  try {
    const db = await openDB<Schema>(localDatabaseName(userId), 1, {
      upgrade: (fresh) => {
        fresh.createObjectStore('outbox', { keyPath: 'id' })
      },
      // Another tab signs out or upgrades: let go, or it would wait for this one.
      blocking: () => db.close(),
    })
    const forget = onWipe(() => db.close())
    return {
      all: () => db.getAll('outbox'),
      put: async (entry) => void (await db.put('outbox', entry)),
      remove: (id) => db.delete('outbox', id),
      close: () => {
        forget()
        db.close()
      },
    }
  } catch {
    return memoryDb()
  }
}

export function memoryDb(): OutboxDb {
  const entries = new Map<string, OutboxEntry>()
  return {
    all: async () => [...entries.values()],
    put: async (entry) => void entries.set(entry.id, entry),
    remove: async (id) => void entries.delete(id),
    close: () => {},
  }
}
