import { callFunction } from '@/lib/supabase/call'
import type { AppClient } from '@/lib/supabase/client'
import type { SearchQuery } from './query'
import type { Cursor, SearchPage } from './schema'

/** A page of messages, newest first. */
export function searchMessages(
  client: AppClient,
  workspaceId: string,
  query: SearchQuery,
  after: Cursor | null = null,
): Promise<SearchPage> {
  return callFunction<SearchPage>(client, 'search_messages', {
    workspace_id: workspaceId,
    terms: query.terms,
    from_handles: query.from,
    not_from_handles: query.notFrom,
    in_places: query.in,
    not_in_places: query.notIn,
    since: query.since,
    until: query.until,
    has: query.has,
    has_not: query.hasNot,
    in_thread: query.inThread,
    before_at: after?.before_at ?? null,
    before_id: after?.before_id ?? null,
  })
}
