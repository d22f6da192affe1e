import { useEffect, useState } from 'react'
import { onWipe } from '@/lib/local-data'
import type { AppClient } from '@/lib/supabase/client'
import { getPicture, type PictureSize } from './queries'
import type { Attachment } from './schema'

type Entry = { blob: Promise<string>; bytes: number; users: number }

/** What is kept of pictures that nobody looks at any more, in bytes. */
const KEPT_BYTES = 64_000_000

const entries = new Map<string, Entry>()
/** Whether signing out will find them. */
let watched = false

/** In the order of their last use; those that are drawn stay. */
function trim(limit: number) {
  let bytes = [...entries.values()].reduce((sum, entry) => sum + entry.bytes, 0)
  for (const [key, entry] of entries) {
    if (bytes <= limit) return
    if (entry.users > 0) continue
    bytes -= entry.bytes
    drop(key, entry)
  }
}

function drop(key: string, entry: Entry) {
  entries.delete(key)
  void entry.blob.then(URL.revokeObjectURL, () => {})
}

/** Whoever signs out leaves no picture behind, in memory either. */
function wipe() {
  for (const [key, entry] of entries) drop(key, entry)
  watched = false
}

function take(key: string, load: () => Promise<Blob>): Entry {
  const known = entries.get(key)
  if (known) {
    entries.delete(key)
    entries.set(key, known)
    return known
  }
  if (!watched) onWipe(wipe)
  watched = true
  const entry: Entry = { bytes: 0, users: 0, blob: Promise.resolve('') }
  entry.blob = load().then((blob) => {
    entry.bytes = blob.size
    return URL.createObjectURL(blob)
  })
  entry.blob.catch(() => entries.delete(key))
  entries.set(key, entry)
  return entry
}

export type Picture = { url: string | null; error: unknown; retry(): void }

/**
 * A picture as something an <img> can show. Its bytes are fetched as this person; the address is one of this page alone
 * and ends with it. Tried again when the network is back.
 */
export function usePicture(
  client: AppClient,
  channelId: string,
  attachment: Attachment | null,
  size: PictureSize,
): Picture {
  const [state, setState] = useState<{ key: string; url: string | null; error: unknown }>()
  const [attempt, setAttempt] = useState(0)
  const key = attachment ? `${size}:${attachment.id}` : ''
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the id stands for never changes
  useEffect(() => {
    if (!attachment) return
    let gone = false
    const entry = take(key, () => getPicture(client, channelId, attachment, size))
    entry.users += 1
    entry.blob.then(
      (url) => !gone && setState({ key, url, error: null }),
      (error: unknown) => !gone && setState({ key, url: null, error }),
    )
    return () => {
      gone = true
      entry.users -= 1
      trim(KEPT_BYTES)
    }
  }, [key, attempt])
  const mine = state?.key === key ? state : null
  const failed = Boolean(mine?.error)
  useEffect(() => {
    if (!failed) return
    const again = () => setAttempt((count) => count + 1)
    window.addEventListener('online', again)
    return () => window.removeEventListener('online', again)
  }, [failed])
  return {
    url: mine?.url ?? null,
    error: mine?.error ?? null,
    retry: () => setAttempt((count) => count + 1),
  }
}
