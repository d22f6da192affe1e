import { useState } from 'react'
import { useErrorText } from '@/lib/error-text'
import type { AppClient } from '@/lib/supabase/client'
import { showToast } from '@/ui/toast'
import { saveAttachment } from './save'
import type { Attachment } from './schema'

/** Saving a file: `busy` until the browser has taken it over. */
export function useSave(client: AppClient, channelId: string, attachment: Attachment) {
  const errorText = useErrorText()
  const [busy, setBusy] = useState(false)
  const save = async () => {
    setBusy(true)
    try {
      await saveAttachment(client, channelId, attachment)
    } catch (error) {
      showToast(errorText(error))
    }
    setBusy(false)
  }
  return { busy, save: () => void save() }
}
