import { toAppError } from '@/lib/errors'
import { callFunction } from '@/lib/supabase/call'
import type { AppClient } from '@/lib/supabase/client'
import type { Invitation, InvitationPreview } from './schema'

export function getInvitationPreview(client: AppClient, code: string) {
  return callFunction<InvitationPreview>(client, 'preview_invitation', { code })
}

/** Newest first; the database shows them to admins only. */
export async function listInvitations(client: AppClient, workspaceId: string): Promise<Invitation[]> {
  const { data, error, status } = await client
    .from('invitations')
    .select('id, workspace_id, created_by, role, email, max_uses, uses, expires_at, revoked_at, created_at')
    .eq('workspace_id', workspaceId)
    .order('created_at', { ascending: false })
    .limit(100)
  if (error) throw toAppError(error, status)
  return data as Invitation[]
}
