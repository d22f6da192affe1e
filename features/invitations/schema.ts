import type { Role } from './roles'

/** What somebody may see who holds a link. */
export type InvitationPreview = {
  workspace: { name: string; slug: string; icon: string | null }
  role: Role
  email: string | null
  invited_by: { display_name: string; avatar_url?: string | null } | string | null
}

export const inviterName = ({ invited_by }: InvitationPreview) =>
  typeof invited_by === 'string' ? invited_by : (invited_by?.display_name ?? null)

/** A row of `invitations`; the code itself is told once, when the invitation is made. */
export type Invitation = {
  id: string
  workspace_id: string
  created_by: string | null
  role: Role
  email: string | null
  max_uses: number | null
  uses: number
  expires_at: string
  revoked_at: string | null
  created_at: string
}

export type NewInvitation = Invitation & { code: string }

export function invitationState(
  invitation: Pick<Invitation, 'max_uses' | 'uses' | 'expires_at' | 'revoked_at'>,
  now: number,
): 'open' | 'revoked' | 'used_up' | 'expired' {
  if (invitation.revoked_at) return 'revoked'
  if (invitation.max_uses !== null && invitation.uses >= invitation.max_uses) return 'used_up'
  return Date.parse(invitation.expires_at) <= now ? 'expired' : 'open'
}
