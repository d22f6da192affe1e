import { callApi } from '@/lib/supabase/api'
import type { AppClient } from '@/lib/supabase/client'
import type { Connections, SsoConnection } from './connection'
import type { NewConnection } from './schema'

const path = (workspaceId: string) => `/api/workspaces/${workspaceId}/sso`

export const listConnections = (client: AppClient, workspaceId: string) =>
  callApi<Connections>(client, path(workspaceId), { method: 'GET' })

export const createConnection = (client: AppClient, workspaceId: string, connection: NewConnection) =>
  callApi<SsoConnection>(client, path(workspaceId), { body: connection })

export const updateConnection = (
  client: AppClient,
  workspaceId: string,
  change: Pick<SsoConnection, 'id'> & Partial<NewConnection>,
) => callApi<SsoConnection>(client, path(workspaceId), { method: 'PUT', body: change })

export const removeConnection = (client: AppClient, workspaceId: string, id: string) =>
  callApi(client, path(workspaceId), { method: 'DELETE', body: { id } })
