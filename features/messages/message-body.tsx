'use client'

import { clsx } from 'clsx'
import { Trash2 } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { useHost } from './host'
import type { Item } from './items'
import { MessageText } from './message-text'
import { SendStatus } from './send-status'
import { ThreadFooter } from './thread-footer'
import { Clock } from './times'

type Props = { item: Item; editing: boolean; setEditing(key: string | null): void; onEmptied(): void }

/** Name line, text or editor, and what belongs under it. */
export function MessageBody({ item, editing, setEditing, onEmptied }: Props) {
  const t = useTranslations('messages')
  const host = useHost()
  const { message, grouped, state, entry } = item
  const save = async (body: string) => {
    if (!body.trim() && message.attachments.length === 0) {
      setEditing(null)
      return onEmptied()
    }
    if (body !== message.body) await host.edit(message, body)
    setEditing(null)
  }
  return (
    <>
      {!grouped && (
        <div className="flex min-w-0 items-baseline gap-2">
          {message.user_id ? (
            <host.AuthorName userId={message.user_id} />
          ) : (
            <span className="font-semibold text-quiet">{t('formerMember')}</span>
          )}
          <Clock time={message.created_at} className="shrink-0 text-quiet text-xs" />
        </div>
      )}
      {message.deleted_at ? (
        <p className="flex items-center gap-1.5 text-quiet italic">
          <Trash2 size={14} aria-hidden /> {t('deleted')}
        </p>
      ) : editing ? (
        host.renderEditor({ initial: message.body, onSave: save, onCancel: () => setEditing(null) })
      ) : (
        <div className={clsx(state === 'pending' && 'opacity-60')}>
          {(message.body || message.attachments.length === 0) && (
            <MessageText
              body={message.body}
              mentions={message.mentions}
              mentionsAll={message.mentions_all}
              editedAt={message.edited_at}
            />
          )}
        </div>
      )}
      {message.attachments.length > 0 && !message.deleted_at && host.renderFiles(message)}
      {entry && <SendStatus entry={entry} />}
      {state === 'sent' &&
        !message.deleted_at &&
        Object.keys(message.reactions).length > 0 &&
        host.renderReactions(message)}
      <ThreadFooter message={message} />
    </>
  )
}
