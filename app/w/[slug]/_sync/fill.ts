import { type Channel, completeChannel } from '@/features/channels/schema'
import { channels, setChannels } from '@/features/channels/store'
import type { Drafts } from '@/features/drafts/drafts'
import { applyPeople, clearPeople, setMe } from '@/features/profiles/store'
import type { Workspace } from '@/features/workspaces/schema'
import { setWorkspaces, workspaces } from '@/features/workspaces/store'
import type { Bootstrap } from './ports'

/** Puts the whole picture into the stores; what arrived by itself since it was taken stays. Kept pictures bring no drafts. */
export function fillStores(data: Bootstrap, drafts: Drafts | null): void {
  // People of another workspace are strangers here.
  if (workspaces.get().currentId !== data.workspace?.id) clearPeople()
  setMe(data.me)
  applyPeople(data.people)
  setWorkspaces(
    data.workspace ? data.workspaces.map((item) => mergeOpen(item, data)) : data.workspaces,
    data.workspace?.id ?? null,
  )
  const known = channels.get().byId
  const mine = data.channels.map((row) => newest(row, known[row.id]))
  const ids = new Set(mine.map((row) => row.id))
  // A public channel that is looked at without being a member is nobody's news.
  const visited = Object.values(known).filter(
    (row) => !row.is_member && !ids.has(row.id) && row.workspace_id === data.workspace?.id,
  )
  setChannels([...mine, ...visited])
  drafts?.applyAll(data.drafts, [...ids])
}

/** The members of a large workspace are counted the first time only. */
function mergeOpen(item: Workspace, { workspace }: Bootstrap): Workspace {
  if (item.id !== workspace?.id) return item
  const member_count = workspaces.get().list.find(({ id }) => id === item.id)?.member_count
  return { ...item, ...(member_count === undefined ? {} : { member_count }), ...workspace }
}

/** Events may have overtaken the answer. */
function newest(row: Channel, known: Channel | undefined): Channel {
  if (!known?.is_member) return row
  const readMeanwhile = known.read.last_read_seq > row.read.last_read_seq
  const merged = completeChannel(row, known)
  return readMeanwhile ? { ...merged, mention_count: known.mention_count } : merged
}
