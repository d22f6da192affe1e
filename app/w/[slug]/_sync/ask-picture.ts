import { workspaces } from '@/features/workspaces/store'
import type { Bootstrap } from './ports'

/** After so long everybody is asked for again. */
const WHOLE_MS = 60 * 60_000

type Ask = (args: { workspace_slug: string; since?: string }) => Promise<Bootstrap>

/**
 * Asks for the picture of a workspace: all of it first, and of people, who are most of it, only what has changed while
 * those of the answer before are still in the stores.
 */
export function createPictureQuestion(slug: string, ask: Ask): () => Promise<Bootstrap> {
  let last: { workspaceId: string; asOf: string; wholeAt: number } | null = null
  return async () => {
    const now = Date.now()
    const known =
      last && last.workspaceId === workspaces.get().currentId && now - last.wholeAt < WHOLE_MS ? last : null
    const data = await ask({ workspace_slug: slug, ...(known ? { since: known.asOf } : {}) })
    const { workspace, as_of: asOf } = data
    last = workspace && asOf ? { workspaceId: workspace.id, asOf, wholeAt: known?.wholeAt ?? now } : null
    return data
  }
}
