import { toAppError } from '@/lib/errors'
import { callApi } from '@/lib/supabase/api'
import { callFunction } from '@/lib/supabase/call'
import type { AppClient } from '@/lib/supabase/client'
import type { Workspace, WorkspaceRole } from './schema'

export function createWorkspace(client: AppClient, input: { name: string; slug: string }) {
  return callFunction<Workspace>(client, 'create_workspace', { name: input.name, slug: input.slug || null })
}

export async function updateWorkspace(
  client: AppClient,
  id: string,
  change: Partial<Pick<Workspace, 'name' | 'icon' | 'icon_url' | 'slug'>>,
) {
  const { data, error, status } = await client.from('workspaces').update(change).eq('id', id).select()
  if (error) throw toAppError(error, status)
  const row = data[0]
  if (!row) throw { code: 'not_allowed', status: 403, message: 'Your role does not allow this.' }
  return row
}

export function setMemberRole(client: AppClient, workspaceId: string, userId: string, role: WorkspaceRole) {
  return callFunction(client, 'set_member_role', { workspace_id: workspaceId, user_id: userId, role })
}

export function removeMember(client: AppClient, workspaceId: string, userId: string) {
  return callFunction(client, 'remove_workspace_member', { workspace_id: workspaceId, user_id: userId })
}

export function leaveWorkspace(client: AppClient, workspaceId: string) {
  return callFunction(client, 'leave_workspace', { workspace_id: workspaceId })
}

/** Shuts somebody out and signs them out everywhere; their channels are kept for a return. */
export function deactivateMember(client: AppClient, workspaceId: string, userId: string) {
  return callFunction(client, 'deactivate_member', { workspace_id: workspaceId, user_id: userId })
}

export function reactivateMember(client: AppClient, workspaceId: string, userId: string) {
  return callFunction(client, 'reactivate_member', { workspace_id: workspaceId, user_id: userId })
}

/** For somebody who has lost their device and their recovery codes. */
export function removeTwoFactor(client: AppClient, userId: string) {
  return callApi(client, `/api/people/${userId}/two-factor/remove`)
}

/** Whether I may make a reset link for somebody and take their second factor off. */
export function mayHelpIn(client: AppClient, userId: string) {
  return callFunction<boolean>(client, 'may_reset_password', { user_id: userId })
}
