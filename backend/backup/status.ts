import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { writeFileDurably } from '../write-file'
import { STATUS } from './data-files'

const statusSchema = z.object({
  /** The last archive: when (ISO 8601), which, how large, and the line of WAL that continues it. */
  backup: z
    .object({ at: z.string(), file: z.string(), bytes: z.number(), walFolder: z.string().nullable() })
    .optional(),
  /** Why the last attempt failed; gone with the next that succeeds. */
  backupError: z.string().optional(),
  /** When everything that was written until then was copied, ISO 8601. */
  walAt: z.string().optional(),
  walError: z.string().optional(),
})

/** How backups went, kept in the data folder. */
export type BackupStatus = z.infer<typeof statusSchema>

export async function readStatus(dataDir: string): Promise<BackupStatus> {
  try {
    return statusSchema.parse(JSON.parse(await readFile(join(dataDir, STATUS), 'utf8')))
  } catch {
    return {}
  }
}

export async function writeStatus(dataDir: string, status: BackupStatus): Promise<void> {
  await writeFileDurably(join(dataDir, STATUS), `${JSON.stringify(status, null, 1)}\n`, 0o600)
}
