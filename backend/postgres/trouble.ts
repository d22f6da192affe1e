import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StartError } from '../start-error'

/** Turns the last lines of a PostgreSQL program that failed into one sentence that says what to do. */
export async function explain(lines: string[], at: { folder: string; port?: number }): Promise<StartError> {
  const text = lines.join('\n')
  if (/No space left on device|Disk quota exceeded/i.test(text) || (await isFull(at.folder))) {
    return new StartError(
      `No disk space left for ${at.folder}: free some and start again. Nothing was damaged.`,
    )
  }
  if (/Address already in use/i.test(text)) {
    return new StartError(
      `Port ${at.port} on 127.0.0.1 is in use: choose another DATABASE_PORT or leave it unset.`,
    )
  }
  if (/Permission denied|Operation not permitted/i.test(text)) {
    return new StartError(`PostgreSQL may not use ${at.folder} (permission denied): check who owns it.`)
  }
  if (/could not create shared memory|Cannot allocate memory/i.test(text)) {
    return new StartError('PostgreSQL got no memory from the system: free some and start again.')
  }
  const reason =
    lines.filter((line) => /FATAL|PANIC|error:/.test(line)).at(-1) ?? lines.at(-1) ?? 'no message'
  return new StartError(`PostgreSQL did not start in ${at.folder}: ${reason.trim()}`)
}

/** On a disk that is nearly full PostgreSQL's last words are about something else. */
async function isFull(folder: string): Promise<boolean> {
  const disk = await statfs(dirname(folder)).catch(() => undefined)
  return disk !== undefined && disk.bavail * disk.bsize < 32 * 1024 * 1024
}
