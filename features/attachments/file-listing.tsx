'use client'

import { type ComponentType, useState } from 'react'
import { useFormatter, useTranslations } from 'use-intl'
import type { AppClient } from '@/lib/supabase/client'
import { FileCard } from './file-card'
import { FileViewer } from './file-viewer'
import type { Listing } from './listing'
import { OpenButton } from './open-button'
import { Picture } from './picture'
import type { ListedAttachment } from './queries'
import { kindOf } from './schema'

type Props = {
  client: AppClient
  channelId: string
  attachments: readonly ListedAttachment[]
  /** `grid`: pictures large and beside each other, then everything else. `list`: one line each, in their order. */
  listing: Listing
  messagePath(messageId: string): string
  Author: ComponentType<{ userId: string | null }>
}

/** Files of a channel, each with the way to its message. */
export function FileListing({ client, channelId, attachments, listing, messagePath, Author }: Props) {
  const [open, setOpen] = useState<string | null>(null)
  const place = { client, channelId }
  const pictures = attachments.filter((attachment) => kindOf(attachment) === 'image')
  const tiles = listing === 'grid' ? pictures : []
  const lines = attachments.filter((attachment) => !tiles.includes(attachment))
  const linkOf = (attachment: ListedAttachment) => (
    <MessageLink attachment={attachment} href={messagePath(attachment.message_id)} Author={Author} />
  )
  return (
    <>
      {tiles.length > 0 && (
        <ul className="grid grid-cols-2 gap-3">
          {tiles.map((attachment) => (
            <li key={attachment.id} className="min-w-0">
              <div className="aspect-4/3 overflow-hidden rounded-image">
                <Picture {...place} attachment={attachment} tile onOpen={() => setOpen(attachment.id)} />
              </div>
              <p className="pt-1">{linkOf(attachment)}</p>
            </li>
          ))}
        </ul>
      )}
      {lines.length > 0 && (
        <ul className="grid grid-cols-[minmax(0,1fr)] gap-2">
          {lines.map((attachment) => {
            const kind = kindOf(attachment)
            const onOpen = () => setOpen(attachment.id)
            return (
              <li key={attachment.id}>
                <FileCard
                  {...place}
                  attachment={attachment}
                  picture={
                    kind === 'image' && <Picture {...place} attachment={attachment} tile onOpen={onOpen} />
                  }
                  actions={kind === 'pdf' && <OpenButton attachment={attachment} onOpen={onOpen} />}
                >
                  <p className="border-t px-3 py-1.5">{linkOf(attachment)}</p>
                </FileCard>
              </li>
            )
          })}
        </ul>
      )}
      {open && (
        <FileViewer {...place} attachments={attachments} startId={open} onClose={() => setOpen(null)} />
      )}
    </>
  )
}

type LinkProps = Pick<Props, 'Author'> & { attachment: ListedAttachment; href: string }

/** Who sent it and when; leads there. */
function MessageLink({ attachment, href, Author }: LinkProps) {
  const t = useTranslations('attachments')
  const format = useFormatter()
  return (
    <a href={href} className="block truncate text-quiet text-xs hover:text-ink hover:underline">
      <span className="sr-only">{t('toMessage', { name: attachment.name })} </span>
      <Author userId={attachment.user_id} />
      {' · '}
      {format.dateTime(new Date(attachment.sent_at), { dateStyle: 'medium', timeStyle: 'short' })}
    </a>
  )
}
