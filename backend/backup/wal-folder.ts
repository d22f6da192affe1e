import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileDurably } from '../write-file'
import { WAL_FOLDER } from './data-files'

/**
 * The name of the folder below `wal/` that this data folder's WAL goes to; undefined before the first. A restored copy
 * gets another one: its future is not that of the original, though PostgreSQL gives both the same names.
 */
export async function readWalFolder(dataDir: string): Promise<string | undefined> {
  const text = await readFile(join(dataDir, WAL_FOLDER), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const { name } = JSON.parse(text) as { name?: unknown }
  return typeof name === 'string' && /^[\w-]+$/.test(name) ? name : undefined
}

/** The same, made when there is none. */
export async function ensureWalFolder(dataDir: string): Promise<string> {
  const known = await readWalFolder(dataDir)
  if (known) return known
  const name = `${new Date().toISOString().slice(0, 10)}-${randomUUID().slice(0, 8)}`
  await writeFileDurably(join(dataDir, WAL_FOLDER), `${JSON.stringify({ name })}\n`, 0o600)
  return name
}
