import { access, constants, mkdir, stat } from 'node:fs/promises'
import { errorCode, StartError } from './start-error'

/** Makes the data folder if it is missing. What is in it guards itself; as root others may pass through, not look. */
export async function makeDataFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 })
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new StartError(`DATA_DIR ${path} cannot be used: ${await reason(path, error)}.`)
  }
}

async function reason(path: string, error: unknown): Promise<string> {
  const code = errorCode(error)
  if (code === 'EEXIST' || code === 'ENOTDIR') return 'it is not a folder'
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'no disk space is left'
  if (code === 'EROFS') return 'its disk is read-only'
  const owner = await stat(path).catch(() => undefined)
  if (code === 'EACCES' && owner) return `it belongs to another user (uid ${owner.uid}); start as that user`
  if (code === 'EACCES') return 'permission denied; choose a folder that you may write to'
  return String(code ?? error)
}
