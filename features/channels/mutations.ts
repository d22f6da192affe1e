import { type AppError, toAppError } from '@/lib/errors'
import { callFunction } from '@/lib/supabase/call'
import type { AppClient } from '@/lib/supabase/client'
import type { Channel, ChannelRow } from './schema'

type NewChannel = {
  workspaceId: string
  kind: 'public' | 'private'
  name: string
  purpose: string
  memberIds?: string[]
}

export function createChannel(client: AppClient, input: NewChannel) {
  return callFunction<Channel>(client, 'create_channel', {
    workspace_id: input.workspaceId,
    kind: input.kind,
    name: input.name,
    purpose: input.purpose,
    member_ids: input.memberIds ?? [],
  })
}

/** The same people always get the same conversation. */
export function openDirect(client: AppClient, workspaceId: string, userIds: string[]) {
  return callFunction<Channel>(client, 'open_direct', { workspace_id: workspaceId, user_ids: userIds })
}

export function joinChannel(client: AppClient, channelId: string) {
  return callFunction<Channel>(client, 'join_channel', { channel_id: channelId })
}

export function leaveChannel(client: AppClient, channelId: string) {
  return callFunction(client, 'leave_channel', { channel_id: channelId })
}

export function addMembers(client: AppClient, channelId: string, userIds: string[]) {
  return callFunction<Channel>(client, 'add_channel_members', { channel_id: channelId, user_ids: userIds })
}

export function removeMember(client: AppClient, channelId: string, userId: string) {
  return callFunction(client, 'remove_channel_member', { channel_id: channelId, user_id: userId })
}

export function setArchived(client: AppClient, channelId: string, archived: boolean) {
  const verb = archived ? 'archive_channel' : 'unarchive_channel'
  return callFunction<Channel>(client, verb, { channel_id: channelId })
}

const refused: AppError = { code: 'not_allowed', status: 403, message: 'Your role does not allow this.' }

export async function updateChannel(
  client: AppClient,
  channelId: string,
  change: Partial<Pick<Channel, 'topic' | 'purpose'> & { name: string }>,
): Promise<ChannelRow> {
  const { data, error, status } = await client.from('channels').update(change).eq('id', channelId).select()
  if (error) throw toAppError(error, status)
  const row = (data as ChannelRow[])[0]
  if (!row) throw refused
  return row
}

/** Mute and star are the person's own: they sit on the membership. */
export async function updateMembership(
  client: AppClient,
  channelId: string,
  userId: string,
  change: Partial<Pick<Channel, 'muted_at' | 'starred_at'>>,
) {
  const { data, error, status } = await client
    .from('channel_members')
    .update(change)
    .eq('channel_id', channelId)
    .eq('user_id', userId)
    .select('muted_at, starred_at')
  if (error) throw toAppError(error, status)
  const row = (data as Pick<Channel, 'muted_at' | 'starred_at'>[])[0]
  if (!row) throw refused
  return { id: channelId, ...row }
}
