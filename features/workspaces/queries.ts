import { callFunction } from '@/lib/supabase/call'
import type { AppClient } from '@/lib/supabase/client'

/** The workspace to open when the address names none; null when the person is in none. */
export async function getHomeSlug(client: AppClient): Promise<string | null> {
  const start = await callFunction<{ workspace: { slug: string } | null }>(client, 'bootstrap')
  return start.workspace?.slug ?? null
}
