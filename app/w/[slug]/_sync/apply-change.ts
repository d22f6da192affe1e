import type { Channel } from '@/features/channels/schema'
import type { DraftRow } from '@/features/drafts/schema'
import type { Message } from '@/features/messages/schema'
import type { Person } from '@/features/profiles/schema'
import type { Workspace } from '@/features/workspaces/schema'
import type { Change, SyncPorts } from './ports'

/** What a change asks for beyond itself: the whole picture again, at once, soon or when there is time. */
export type Followup = 'refresh' | 'refresh-soon' | 'refresh-later' | null

/** Puts one change (not of messages) where it belongs. */
export function applyChange(change: Change, ports: SyncPorts): Followup {
  const row = change.row
  switch (change.table) {
    case 'profiles':
      if (change.type !== 'DELETE') ports.applyPerson(row as Person)
      return null
    case 'workspaces':
      if (change.type !== 'DELETE') ports.applyWorkspace(row as Workspace)
      return change.type === 'DELETE' ? 'refresh' : null
    case 'workspace_members':
      return applyWorkspaceMember(change, ports)
    case 'channels':
      // A channel that is not mine may still be of use to a list elsewhere; the store keeps only mine.
      if (change.type !== 'DELETE' && ports.channel(row.id as string)) ports.applyChannel(row as Channel)
      return null
    case 'channel_members':
      return applyChannelMember(change, ports)
    case 'read_states':
      if (change.type !== 'DELETE') return applyReadState(row, ports)
      // It ends with the membership, and unlike the membership's own row it is mine to hear of even then.
      ports.dropChannel(row.channel_id as string)
      return null
    case 'drafts':
      if (change.type !== 'DELETE') ports.applyDraft(row as DraftRow)
      return null
    default:
      return null
  }
}

/** Puts a change on top of a picture that may be older; not what is counted, and may be counted in it. */
export function applyAgain(change: Change, ports: SyncPorts): void {
  const { table, row } = change
  const counted = table === 'channel_members' && row.user_id !== ports.me
  if (!counted && table !== 'drafts') applyChange(change, ports)
}

function applyWorkspaceMember(change: Change, ports: SyncPorts): Followup {
  const { user_id, workspace_id, deactivated_at } = change.row as Record<string, string>
  if (user_id !== ports.me || !workspace_id) return null
  // Whoever is deactivated here and still in another workspace stays signed in for that one.
  if (change.type === 'DELETE' || deactivated_at) ports.leftWorkspace(workspace_id)
  return 'refresh'
}

function applyChannelMember(change: Change, ports: SyncPorts): Followup {
  const { user_id, channel_id, muted_at, starred_at } = change.row as Record<string, string | null>
  const channel = ports.channel(channel_id ?? '')
  if (user_id === ports.me) {
    if (change.type === 'DELETE') {
      if (channel?.is_member) ports.dropChannel(channel.id)
      return null
    }
    if (!channel?.is_member) return 'refresh'
    ports.applyChannel({ id: channel.id, muted_at, starred_at })
    return null
  }
  if (!channel || !user_id || change.type === 'UPDATE') return null
  const step = change.type === 'INSERT' ? 1 : -1
  const members = channel.member_ids.filter((id) => id !== user_id)
  if (channel.kind === 'direct' && step > 0) members.push(user_id)
  ports.applyChannel({
    id: channel.id,
    member_count: Math.max(0, channel.member_count + step),
    member_ids: members,
  })
  return null
}

function applyReadState(row: Record<string, unknown>, ports: SyncPorts): Followup {
  const { channel_id, last_read_seq, unread_from_seq } = row as {
    channel_id: string
    last_read_seq: number
    unread_from_seq: number | null
  }
  const channel = ports.channel(channel_id)
  if (!channel) return null
  const read = { last_read_seq, unread_from_seq: unread_from_seq ?? null }
  const all = read.unread_from_seq === null && last_read_seq >= channel.head.last_seq
  ports.applyChannel({ id: channel_id, read, mention_count: all ? 0 : channel.mention_count })
  // Read in part: how many mentions are left is the database's to say.
  const uncertain = !all && (channel.mention_count > 0 || read.unread_from_seq !== null)
  return uncertain ? 'refresh-soon' : null
}

/** Raises heads and mention counts of the channels that rows belong to. */
export function applyHeads(rows: readonly Message[], ports: SyncPorts): Followup {
  let followup: Followup = null
  for (const row of rows) {
    const channel = ports.channel(row.channel_id)
    if (!channel) {
      // A channel of another workspace, or one whose membership has not been heard of yet.
      followup ??= 'refresh-later'
      continue
    }
    // Not newer than what the head was told with: counted already.
    if (row.rev <= channel.head.last_rev) continue
    const isNew = row.seq !== null && row.seq > channel.head.last_seq
    // In a direct conversation every message of others calls.
    const mine = row.mentions_all || row.mentions.includes(ports.me) || channel.kind === 'direct'
    const unread = row.seq === null || row.seq > channel.read.last_read_seq
    if (!isNew && unread && row.seq !== null && (channel.mention_count > 0 || mine)) {
      // An edit or a deletion may take a mention away or bring one: never counted here, always asked.
      followup = 'refresh-soon'
    }
    ports.applyChannel({
      id: channel.id,
      head: {
        ...channel.head,
        last_seq: Math.max(channel.head.last_seq, row.seq ?? 0),
        last_rev: row.rev,
        last_message_at: isNew ? row.created_at : channel.head.last_message_at,
      },
      ...(isNew && mine && row.user_id !== ports.me ? { mention_count: channel.mention_count + 1 } : {}),
    })
  }
  return followup
}
