import { toAppError } from '@/lib/errors'
import { callFunction } from '@/lib/supabase/call'
import type { AppClient } from '@/lib/supabase/client'
import type { Person } from './schema'

export const PERSON_COLUMNS =
  'id, display_name, handle, avatar_url, status_text, status_emoji, status_expires_at, time_zone, locale'

/** Those of the ids that the person may see. */
export async function listPeople(client: AppClient, ids: string[]): Promise<Person[]> {
  const { data, error, status } = await client.from('profiles').select(PERSON_COLUMNS).in('id', ids)
  if (error) throw toAppError(error, status)
  return data as Person[]
}

/** Members of a workspace by name or handle, in the order of their handles. */
export function listMembers(client: AppClient, workspaceId: string, query = '', after: string | null = null) {
  return callFunction<Person[]>(client, 'list_members', {
    workspace_id: workspaceId,
    query,
    page_size: 50,
    after_handle: after,
  })
}
