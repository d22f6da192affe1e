import { callFunction } from '@/lib/supabase/call'
import type { AppClient } from '@/lib/supabase/client'
import type { Role } from './roles'
import type { NewInvitation } from './schema'

export type InvitationInput = {
  workspaceId: string
  role: Role
  email: string | null
  maxUses: number | null
  /** A PostgreSQL interval: "7 days". */
  expiresIn: string
}

export function createInvitation(client: AppClient, input: InvitationInput) {
  return callFunction<NewInvitation>(client, 'create_invitation', {
    workspace_id: input.workspaceId,
    role: input.role,
    email: input.email,
    max_uses: input.maxUses,
    expires_in: input.expiresIn,
  })
}

/** Gives the workspace that was joined. */
export function acceptInvitation(client: AppClient, code: string) {
  return callFunction<{ slug: string }>(client, 'accept_invitation', { code })
}

export function revokeInvitation(client: AppClient, id: string) {
  return callFunction(client, 'revoke_invitation', { invitation_id: id })
}
