import { callFunction } from '@/lib/supabase/call'
import type { AppClient } from '@/lib/supabase/client'
import type { Read } from './marks'

export const markRead = (client: AppClient, channelId: string, seq: number) =>
  callFunction<Read>(client, 'mark_read', { channel_id: channelId, seq })

export const markUnread = (client: AppClient, channelId: string, seq: number) =>
  callFunction<Read>(client, 'mark_unread', { channel_id: channelId, seq })
