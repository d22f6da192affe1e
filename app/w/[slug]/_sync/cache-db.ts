import { type DBSchema, deleteDB, type IDBPDatabase, openDB } from 'idb'
import type { KeptWindow } from '@/features/messages/kept-window'
import type { Message } from '@/features/messages/schema'
import { localDatabaseName, onWipe } from '@/lib/local-data'
import type { Bootstrap } from './ports'

/** Raised with every change of what is kept: a database of another version is emptied, never converted. */
const VERSION = 1
const KEEP_CHANNELS = 50

export type CachedChannel = {
  id: string
  workspaceId: string
  cursor: number
  hasBefore: boolean
  /** Epoch milliseconds of the last visit. */
  usedAt: number
}

interface Schema extends DBSchema {
  /** The sidebar and the people of a workspace, by its slug. */
  pictures: { key: string; value: Bootstrap }
  channels: { key: string; value: CachedChannel; indexes: { usedAt: number } }
  rows: { key: string; value: readonly Message[] }
}

export type CacheDb = {
  picture(slug: string): Promise<Bootstrap | undefined>
  channels(): Promise<CachedChannel[]>
  window(channelId: string): Promise<KeptWindow | undefined>
  savePicture(slug: string, picture: Bootstrap): Promise<void>
  saveWindow(channel: Omit<CachedChannel, 'cursor' | 'hasBefore'>, window: KeptWindow): Promise<void>
  removeChannels(ids: readonly string[]): Promise<void>
  /** Forgets the workspaces that are not among these, and everything in them. */
  keepWorkspaces(workspaces: readonly { id: string; slug: string }[]): Promise<void>
  close(): void
}

/** What this browser remembers of the server for a person. Without IndexedDB nothing is remembered. */
export async function openCacheDb(userId: string): Promise<CacheDb | null> {
  const name = localDatabaseName(userId, 'cache')
  const db = await open(name)
    .catch(async () => {
      // Made by a newer build, or damaged.
      await deleteDB(name)
      return open(name)
    })
    .catch(() => null)
  return db && cacheOf(db)
}

/** Rejects also where the browser throws at once instead of answering. */
async function open(name: string): Promise<IDBPDatabase<Schema>> {
  return openDB<Schema>(name, VERSION, {
    upgrade(db) {
      for (const store of [...db.objectStoreNames]) db.deleteObjectStore(store)
      db.createObjectStore('pictures')
      db.createObjectStore('channels', { keyPath: 'id' }).createIndex('usedAt', 'usedAt')
      db.createObjectStore('rows')
    },
    // Another tab signs out or upgrades: let go, or it would wait for this one.
    blocking: (_current, _blocked, { target }) => (target as IDBDatabase).close(),
  })
}

function cacheOf(db: IDBPDatabase<Schema>): CacheDb {
  const forget = onWipe(() => db.close())

  async function removeChannels(ids: readonly string[]) {
    if (!ids.length) return
    const change = db.transaction(['channels', 'rows'], 'readwrite')
    for (const id of ids) {
      void change.objectStore('channels').delete(id)
      void change.objectStore('rows').delete(id)
    }
    await change.done
  }

  return {
    picture: (slug) => db.get('pictures', slug),
    channels: () => db.getAll('channels'),
    async window(channelId) {
      const read = db.transaction(['channels', 'rows'])
      const [channel, rows] = await Promise.all([
        read.objectStore('channels').get(channelId),
        read.objectStore('rows').get(channelId),
      ])
      return channel && rows && { cursor: channel.cursor, hasBefore: channel.hasBefore, rows }
    },
    async savePicture(slug, picture) {
      await db.put('pictures', picture, slug)
    },
    async saveWindow(channel, { rows, cursor, hasBefore }) {
      const change = db.transaction(['channels', 'rows'], 'readwrite')
      void change.objectStore('channels').put({ ...channel, cursor, hasBefore })
      void change.objectStore('rows').put(rows, channel.id)
      await change.done
      const known = await db.getAllKeysFromIndex('channels', 'usedAt')
      await removeChannels(known.slice(0, Math.max(0, known.length - KEEP_CHANNELS)))
    },
    removeChannels,
    async keepWorkspaces(workspaces) {
      const slugs = new Set(workspaces.map(({ slug }) => slug))
      const ids = new Set(workspaces.map(({ id }) => id))
      const kept = await db.getAllKeys('pictures')
      await Promise.all(kept.filter((slug) => !slugs.has(slug)).map((slug) => db.delete('pictures', slug)))
      const channels = await db.getAll('channels')
      await removeChannels(channels.filter((one) => !ids.has(one.workspaceId)).map(({ id }) => id))
    },
    close() {
      forget()
      db.close()
    },
  }
}
