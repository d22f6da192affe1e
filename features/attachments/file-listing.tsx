'use client'

import { type ComponentType, useState } from 'react'
import { useFormatter, useTranslations } from 'use-intl'
import type { AppClient } from '@/lib/supabase/client'
import { FileCard } from './file-card'
import { FileViewer } from './file-viewer'
import { OpenButton } from './open-button'
import { Picture } from './picture'
import type { ListedAttachment } from './queries'
import { kindOf } from './schema'

type Props = {
  client: AppClient
  channelId: string
  attachments: readonly ListedAttachment[]
  messagePath(messageId: string): string
  Author: ComponentType<{ userId: string | null }>
}

/** Files of a channel: pictures as tiles, everything else as lines, each with the way to its message. */
export function FileListing({ client, channelId, attachments, messagePath, Author }: Props) {
  const t = useTranslations('attachments')
  const format = useFormatter()
  const [open, setOpen] = useState<string | null>(null)
  const place = { client, channelId }
  const pictures = attachments.filter((attachment) => kindOf(attachment) === 'image')
  const others = attachments.filter((attachment) => kindOf(attachment) !== 'image')
  return (
    <>
      {pictures.length > 0 && (
        <ul className="grid grid-cols-3 gap-1.5">
          {pictures.map((attachment) => (
            <li key={attachment.id} className="aspect-square overflow-hidden rounded-image">
              <Picture {...place} attachment={attachment} tile onOpen={() => setOpen(attachment.id)} />
            </li>
          ))}
        </ul>
      )}
      {others.length > 0 && (
        <ul className="grid grid-cols-[minmax(0,1fr)] gap-2">
          {others.map((attachment) => (
            <li key={attachment.id}>
              <FileCard
                {...place}
                attachment={attachment}
                actions={
                  kindOf(attachment) === 'pdf' && (
                    <OpenButton attachment={attachment} onOpen={() => setOpen(attachment.id)} />
                  )
                }
              >
                <a
                  href={messagePath(attachment.message_id)}
                  className="block truncate border-t px-3 py-1.5 text-quiet text-xs hover:text-ink hover:underline"
                >
                  <span className="sr-only">{t('toMessage', { name: attachment.name })} </span>
                  <Author userId={attachment.user_id} />
                  {' · '}
                  {format.dateTime(new Date(attachment.sent_at), { dateStyle: 'medium', timeStyle: 'short' })}
                </a>
              </FileCard>
            </li>
          ))}
        </ul>
      )}
      {open && (
        <FileViewer {...place} attachments={attachments} startId={open} onClose={() => setOpen(null)} />
      )}
    </>
  )
}
