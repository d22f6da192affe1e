import { callFunction } from '@/lib/supabase/call'
import type { AppClient } from '@/lib/supabase/client'
import type { Channel } from './schema'

export type BrowsedChannel = Pick<
  Channel,
  'id' | 'workspace_id' | 'kind' | 'name' | 'topic' | 'purpose' | 'member_count' | 'is_member' | 'created_at'
>

/** Public channels by name. */
export function browseChannels(
  client: AppClient,
  workspaceId: string,
  query = '',
  after: string | null = null,
  pageSize = 50,
) {
  return callFunction<BrowsedChannel[]>(client, 'browse_channels', {
    workspace_id: workspaceId,
    query,
    page_size: pageSize,
    after_name: after,
  })
}

type Member = { id: string; handle: string; display_name: string; role: string } & Record<string, unknown>

export function listChannelMembers(
  client: AppClient,
  channelId: string,
  query = '',
  after: string | null = null,
) {
  return callFunction<Member[]>(client, 'channel_member_list', {
    channel_id: channelId,
    query,
    page_size: 50,
    after_handle: after,
  })
}
