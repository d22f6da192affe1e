export type WorkspaceRole = 'owner' | 'admin' | 'member' | 'guest'

export type Workspace = {
  id: string
  slug: string
  name: string
  /** An emoji. */
  icon: string | null
  /** A picture, drawn instead of the emoji. */
  icon_url?: string | null
  /** My role in it. */
  role: WorkspaceRole
  /** What its place in the switcher shows while another workspace is open. */
  unread: boolean
  mention_count: number
  member_count?: number
}

export const isAdmin = (role: WorkspaceRole | undefined) => role === 'owner' || role === 'admin'
