import { channels } from '@/features/channels/store'
import { people } from '@/features/profiles/store'
import { workspaces } from '@/features/workspaces/store'
import type { Bootstrap } from './ports'

/** More people than this are not kept: whoever is missing is asked for when they are drawn. */
const KEEP_PEOPLE = 2_000

/** The stores as `bootstrap` would answer; null while another workspace, or nothing yet, is in them. Drafts are kept elsewhere. */
export function snapshot(slug: string): Bootstrap | null {
  const { list, currentId } = workspaces.get()
  const workspace = list.find((item) => item.id === currentId)
  const { byId, meId } = people.get()
  const me = meId ? byId[meId] : undefined
  if (!me || workspace?.slug !== slug) return null
  const mine = Object.values(channels.get().byId).filter(
    (channel) => channel.is_member && channel.workspace_id === workspace.id,
  )
  const others = Object.values(byId).slice(0, KEEP_PEOPLE)
  return { me, workspaces: list, workspace, channels: mine, people: others, drafts: [], as_of: null }
}
