import type { AppClient } from '@/lib/supabase/client'
import { getAddress } from './queries'
import type { Attachment } from './schema'

/** Hands a file to the browser's downloads, from an address that works for a minute. */
export async function saveAttachment(client: AppClient, channelId: string, attachment: Attachment) {
  const link = document.createElement('a')
  link.href = await getAddress(client, channelId, attachment, 'save')
  link.download = attachment.name
  link.rel = 'noopener'
  link.click()
}
