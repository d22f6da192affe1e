import { toAppError } from '@/lib/errors'
import { callFunction } from '@/lib/supabase/call'
import type { AppClient } from '@/lib/supabase/client'
import type { Workspace, WorkspaceRole } from './schema'

export function createWorkspace(client: AppClient, input: { name: string; slug: string }) {
  return callFunction<Workspace>(client, 'create_workspace', { name: input.name, slug: input.slug || null })
}

export async function updateWorkspace(
  client: AppClient,
  id: string,
  change: Partial<Pick<Workspace, 'name' | 'icon' | 'slug'>>,
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
