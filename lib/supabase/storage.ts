import { StorageClient } from '@supabase/storage-js/dist/index.mjs'
import { type AppError, toAppError } from '@/lib/errors'
import { type AppClient, getConfig } from './client'

/** Where files are, and what to show there: for uploads that report how far they are, which supabase-js cannot. */
export async function storageAccess(client: AppClient): Promise<{ url: string; headers: HeadersInit }> {
  const [{ supabaseUrl, supabaseKey }, { data }] = await Promise.all([getConfig(), client.auth.getSession()])
  return {
    url: `${supabaseUrl}/storage/v1`,
    headers: { apikey: supabaseKey, authorization: `Bearer ${data.session?.access_token ?? supabaseKey}` },
  }
}

/**
 * supabase-js's own client of storage, which the page's client does without (lib/supabase/unused.ts): it is loaded with
 * the first file that somebody sees or sends.
 */
export async function getStorage(client: AppClient): Promise<StorageClient> {
  const { url, headers } = await storageAccess(client)
  return new StorageClient(url, headers as Record<string, string>)
}

const CODES: Record<number, string> = {
  413: 'attachment_too_large',
  415: 'attachment_type_refused',
  507: 'storage_full',
}

/**
 * What the storage server says, as the product's one form of an error. It answers `{ statusCode, error, message }`, on
 * Supabase with status 400 around the real one.
 */
export function toStorageError(reason: unknown, status?: number): AppError {
  const raw = (typeof reason === 'object' && reason !== null ? reason : {}) as Record<string, unknown>
  const said = Number(raw.statusCode)
  const real = (Number.isFinite(said) && said >= 400 && said) || status || Number(raw.status) || undefined
  const message = typeof raw.message === 'string' ? raw.message : ''
  if (raw.name === 'StorageUnknownError') return toAppError({ message: message || 'Failed to fetch' }, 0)
  if (real && CODES[real]) return { code: CODES[real], status: real, message: message || CODES[real] }
  return toAppError({ message, name: raw.name }, real)
}
