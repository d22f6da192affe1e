import type { IncomingMessage } from 'node:http'
import type { z } from 'zod'
import { isTooDeep } from '../json-depth'
import { invalid, StorageError } from './errors'

/** Lists of names, at most: files never come as JSON. */
const MAX_BYTES = 1024 * 1024

/** The JSON in the body of a request; an empty body counts as `{}`. Throws StorageError. */
export async function readBody<T extends z.ZodType>(
  request: IncomingMessage,
  schema: T,
): Promise<z.infer<T>> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length
    if (size > MAX_BYTES) throw new StorageError(413, 'Payload too large', 'Request body is too large', 413)
    chunks.push(chunk)
  }
  const parsed = schema.safeParse(parse(Buffer.concat(chunks).toString()))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw invalid(`${['body', ...(issue?.path ?? [])].join('/')} ${issue?.message ?? 'is invalid'}`, 'Error')
}

function parse(text: string): unknown {
  if (text === '') return {}
  if (isTooDeep(text)) throw invalid('Body is not valid JSON', 'Error')
  try {
    return JSON.parse(text)
  } catch {
    throw invalid('Body is not valid JSON', 'Error')
  }
}
