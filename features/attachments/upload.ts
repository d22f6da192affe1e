import type { AppError } from '@/lib/errors'
import type { AppClient } from '@/lib/supabase/client'
import { storageAccess, toStorageError } from '@/lib/supabase/storage'
import { BUCKET } from './schema'

export type Upload = {
  path: string
  body: Blob
  type: string
  signal: AbortSignal
  onProgress(share: number): void
}

/** From here on a file goes in parts, so that a broken connection costs a part and not all of it. Supabase's part size. */
const PART_BYTES = 6 * 1024 * 1024

/** Uploads bytes that nobody changes any more; rejects with an AppError, or with the signal's reason. */
export async function uploadObject(client: AppClient, upload: Upload): Promise<void> {
  return upload.body.size > PART_BYTES ? uploadInParts(client, upload) : uploadAtOnce(client, upload)
}

const taken = (error: AppError) => error.status === 409

/** supabase-js's `upload`, in the one way in which browsers say how far they are. */
async function uploadAtOnce(client: AppClient, { path, body, type, signal, onProgress }: Upload) {
  const { url, headers } = await storageAccess(client)
  signal.throwIfAborted()
  await new Promise<void>((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', `${url}/object/${BUCKET}/${path}`)
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value)
    request.setRequestHeader('content-type', type)
    request.setRequestHeader('cache-control', 'max-age=3600')
    request.setRequestHeader('x-upsert', 'false')
    request.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0)
    request.onload = () => {
      if (request.status < 300) return resolve()
      const error = toStorageError(parse(request.responseText), request.status)
      // An earlier try arrived, only its answer did not.
      taken(error) ? resolve() : reject(error)
    }
    request.onerror = () => reject(offline)
    signal.addEventListener('abort', () => {
      request.abort()
      reject(signal.reason)
    })
    request.send(body)
  })
}

const offline: AppError = { code: 'network', status: 0, message: 'The connection broke.' }

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return { message: text }
  }
}

async function uploadInParts(client: AppClient, { path, body, type, signal, onProgress }: Upload) {
  const { Upload: TusUpload, DetailedError } = await import('tus-js-client')
  const { url } = await storageAccess(client)
  signal.throwIfAborted()
  await new Promise<void>((resolve, reject) => {
    const upload = new TusUpload(body, {
      endpoint: `${url}/upload/resumable`,
      headers: { 'x-upsert': 'false' },
      metadata: { bucketName: BUCKET, objectName: path, contentType: type, cacheControl: '3600' },
      chunkSize: PART_BYTES,
      uploadDataDuringCreation: true,
      storeFingerprintForResuming: false,
      retryDelays: [500, 2_000, 5_000, 10_000],
      // A token may end before a large file does.
      onBeforeRequest: async (request) => {
        const { headers } = await storageAccess(client)
        for (const [name, value] of Object.entries(headers)) request.setHeader(name, value)
      },
      onProgress: (sent, total) => onProgress(total ? sent / total : 0),
      onSuccess: () => resolve(),
      onError: (reason) => {
        const answer = reason instanceof DetailedError ? reason.originalResponse : null
        if (!answer) return reject(offline)
        const error = toStorageError(parse(answer.getBody()), answer.getStatus())
        taken(error) ? resolve() : reject(error)
      },
    })
    signal.addEventListener('abort', () => {
      void upload.abort(true).catch(() => {})
      reject(signal.reason)
    })
    upload.start()
  })
}
