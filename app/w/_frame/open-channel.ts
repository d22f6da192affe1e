import { openDirect } from '@/features/channels/mutations'
import { applyChannel, channels } from '@/features/channels/store'
import { workspaces } from '@/features/workspaces/store'
import { getSupabase } from '@/lib/supabase/client'
import { channelPath, navigate } from './location'

const lastKey = (workspaceId: string) => `last-channel-${workspaceId}`

export const rememberChannel = (workspaceId: string, channelId: string) =>
  localStorage.setItem(lastKey(workspaceId), channelId)

/** Where a workspace opens: the channel that was open last, else #general, else any. */
export function startChannel(workspaceId: string): string | null {
  const { byId } = channels.get()
  const last = localStorage.getItem(lastKey(workspaceId))
  if (last && byId[last]?.is_member) return last
  const mine = Object.values(byId).filter((channel) => channel.is_member && !channel.archived_at)
  const named = mine.filter((channel) => channel.kind !== 'direct')
  const general = named.find((channel) => channel.name === 'general')
  return (general ?? named.sort((a, b) => a.created_at.localeCompare(b.created_at))[0] ?? mine[0])?.id ?? null
}

/** Opens the conversation with these people, which is made if it is not there. */
export async function openDirectWith(userIds: string[]) {
  const { list, currentId } = workspaces.get()
  const workspace = list.find((item) => item.id === currentId)
  if (!workspace) return
  const channel = await openDirect(await getSupabase(), workspace.id, userIds)
  applyChannel(channel)
  navigate(channelPath(workspace.slug, channel.id))
}
