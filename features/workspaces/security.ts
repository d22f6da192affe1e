import { toAppError } from '@/lib/errors'
import { callFunction } from '@/lib/supabase/call'
import type { AppClient } from '@/lib/supabase/client'

/** What a workspace asks of the sign-ins of its members. */
export type SecurityRules = { require_two_factor: boolean; require_sso: boolean }

export async function getSecurityRules(client: AppClient, workspaceId: string): Promise<SecurityRules> {
  const { data, error, status } = await client
    .from('workspace_security')
    .select('require_two_factor, require_sso')
    .eq('workspace_id', workspaceId)
    .maybeSingle()
  if (error) throw toAppError(error, status)
  return data ?? { require_two_factor: false, require_sso: false }
}

/** Rules that are not named stay as they are. */
export function setSecurityRules(client: AppClient, workspaceId: string, rules: Partial<SecurityRules>) {
  return callFunction<SecurityRules>(client, 'set_workspace_security', {
    workspace_id: workspaceId,
    ...rules,
  })
}

/** Whether I may set up connections: they decide about accounts of the whole installation. */
export const mayManageSso = (client: AppClient, workspaceId: string) =>
  callFunction<boolean>(client, 'may_manage_sso', { workspace_id: workspaceId })
