'use client'

import { useTranslations } from 'use-intl'
import { showToast } from '@/ui/toast'
import { useHost } from './host'
import type { Message } from './schema'

export type MessageActions = {
  copyLink(): void
  copyText(): void
  openThread?: () => void
  markUnread?: () => void
  edit?: () => void
  remove?: () => void
}

type Options = { onEdit(): void; onRemove(): void }

/** What this person may do with a stored message; what is absent is not offered. */
export function useMessageActions(message: Message, { onEdit, onRemove }: Options): MessageActions {
  const t = useTranslations('messages')
  const host = useHost()
  const own = message.user_id === host.me
  const gone = message.deleted_at !== null
  const copy = async (text: string, done: string) => {
    try {
      await navigator.clipboard.writeText(text)
      showToast(done)
    } catch {
      // The clipboard is closed to pages that are not served securely: hand the text over instead.
      window.prompt(t('copyByHand'), text)
    }
  }
  const { openThread, markUnread } = host
  return {
    copyLink: () => void copy(host.permalink(message), t('linkCopied')),
    copyText: () => void copy(message.body, t('textCopied')),
    openThread: openThread && (!gone || message.reply_count) ? () => openThread(message) : undefined,
    markUnread: markUnread && message.seq !== null ? () => markUnread(message) : undefined,
    edit: own && !gone && host.canWrite ? onEdit : undefined,
    remove: (own || host.canModerate) && !gone ? onRemove : undefined,
  }
}
