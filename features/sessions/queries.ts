import { callFunction } from '@/lib/supabase/call'
import type { AppClient } from '@/lib/supabase/client'

/** A place where I am signed in. */
export type SignIn = {
  id: string
  created_at: string
  last_used_at: string
  user_agent: string | null
  ip: string | null
  aal: string
  is_current: boolean
}

export const listSessions = (client: AppClient) => callFunction<SignIn[]>(client, 'list_sessions')

export const endSession = (client: AppClient, id: string) =>
  callFunction(client, 'end_session', { session_id: id })

export const endOtherSessions = (client: AppClient) => callFunction(client, 'end_other_sessions')
