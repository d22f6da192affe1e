import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import type { S3Client } from '@aws-sdk/client-s3'
import { StartError } from '../../start-error'
import type { S3Settings } from '../../storage-settings'
import { BlobMissing, type Blobs, checkVersion } from './blobs'

/** An upload holds so many parts of so many bytes in memory; S3 takes 10,000 parts. */
const PART_BYTES = 8 * 1024 * 1024
const PARTS_AT_ONCE = 2
const MAX_PARTS = 10_000

/** Bytes in a bucket of S3, or of whatever speaks its language. */
export function createS3Blobs(settings: S3Settings, sizeLimit: number): Blobs {
  const { bucket, region, endpoint, pathStyle, accessKeyId, secretAccessKey } = settings
  const placeOf = (version: string) => ({ Bucket: bucket, Key: `objects/${checkVersion(version)}` })

  // How long a file is going to be is not known when its first part is sent.
  const partSize = Math.max(PART_BYTES, Math.ceil(sizeLimit / MAX_PARTS))

  let s3: Awaited<ReturnType<typeof load>> | undefined

  function opened(): Awaited<ReturnType<typeof load>> {
    if (!s3) throw new Error('S3 is used before it was started')
    return s3
  }

  /** Amazon's SDK is large: only who uses it loads it. */
  async function load() {
    const [commands, { Upload }] = await Promise.all([
      import('@aws-sdk/client-s3'),
      import('@aws-sdk/lib-storage'),
    ])
    const client: S3Client = new commands.S3Client({
      region,
      forcePathStyle: pathStyle,
      ...(endpoint ? { endpoint } : {}),
      ...(accessKeyId && secretAccessKey ? { credentials: { accessKeyId, secretAccessKey } } : {}),
      // Servers other than Amazon's do not know the newer check sums.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    })
    return { ...commands, client, Upload }
  }

  async function write(version: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
    const { client, Upload } = opened()
    let reason: unknown
    async function* watched(): AsyncGenerator<Uint8Array> {
      try {
        yield* bytes
      } catch (error) {
        reason = error
        throw error
      }
    }
    const upload = new Upload({
      client,
      params: { ...placeOf(version), Body: Readable.from(watched(), { objectMode: false }) },
      queueSize: PARTS_AT_ONCE,
      partSize,
      // Parts of an upload that failed are taken back.
      leavePartsOnError: false,
    })
    await upload.done().catch((error: unknown) => {
      // Why the bytes ended says more than what became of their parts.
      throw reason ?? error
    })
  }

  return {
    async start() {
      s3 = await load()
      await s3.client.send(new s3.HeadBucketCommand({ Bucket: bucket })).catch((error: unknown) => {
        const reason = error instanceof Error ? error.name : String(error)
        throw new StartError(
          `STORAGE_S3_BUCKET: the bucket "${bucket}" cannot be used (${reason}): check its name, region, endpoint and keys.`,
        )
      })
    },
    write,
    keep: (version, path) => write(version, createReadStream(path)),
    async read(version, range) {
      const { client, GetObjectCommand } = opened()
      const Range = range && `bytes=${range.start}-${range.end}`
      try {
        const asked = { ...placeOf(version), ...(Range ? { Range } : {}) }
        const { Body } = await client.send(new GetObjectCommand(asked))
        if (!(Body instanceof Readable)) throw new BlobMissing('An answer without bytes')
        return Body
      } catch (error) {
        if (error instanceof Error && error.name === 'NoSuchKey')
          throw new BlobMissing('The bytes of a file are missing')
        throw error
      }
    },
    async remove(version) {
      const { client, DeleteObjectCommand } = opened()
      await client.send(new DeleteObjectCommand(placeOf(version)))
    },
    async stop() {
      s3?.client.destroy()
    },
  }
}
