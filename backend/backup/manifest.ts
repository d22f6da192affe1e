import { z } from 'zod'
import { StartError } from '../start-error'

const memberSchema = z.object({ path: z.string(), bytes: z.number(), sha256: z.string().length(64) })

const manifestSchema = z.object({
  format: z.literal(1),
  /** When the database was copied, ISO 8601: whatever was acknowledged before is in it. */
  createdAt: z.string(),
  product: z.string(),
  postgres: z.string(),
  /** Versions of the migrations that the database had. */
  migrations: z.array(z.string()),
  /** The number that PostgreSQL gave the cluster when it was made. */
  systemIdentifier: z.string(),
  segmentBytes: z.number(),
  /** The first WAL segment that is needed, as PostgreSQL names it. */
  firstSegment: z.string(),
  /** The folder of the WAL that follows, below `wal/` beside the archive; null when none was being kept. */
  walFolder: z.string().nullable(),
  /** Where uploaded files were: on this machine and so in here, or in S3, included or not. */
  objects: z.enum(['local', 'included', 'not included']),
  members: z.array(memberSchema),
})

/** A file of an archive. `path` is relative with forward slashes. */
export type Member = z.infer<typeof memberSchema>

/** What an archive says about itself: its last member, `manifest.json`. */
export type Manifest = z.infer<typeof manifestSchema>

/** The name of the manifest inside the archive. */
export const MANIFEST = 'manifest.json'

/** Reads a manifest; a StartError says that the archive is not one of ours or of a newer release. */
export function parseManifest(file: string, text: string): Manifest {
  const parsed = manifestSchema.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  throw new StartError(`${file} is no backup that this version can read: use the release that made it.`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
