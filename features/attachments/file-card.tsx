'use client'

import { Download } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import type { AppClient } from '@/lib/supabase/client'
import { IconButton } from '@/ui/icon-button'
import { Name } from '@/ui/name'
import { Spinner } from '@/ui/spinner'
import { clock, useSizeText } from './format'
import { KindIcon } from './kind-icon'
import { type Attachment, extensionOf } from './schema'
import { useSave } from './use-save'

type Props = {
  client: AppClient
  channelId: string
  attachment: Attachment
  /** In the place of the sign that says of what kind it is. */
  picture?: ReactNode
  /** Before the download button: preview, play. */
  actions?: ReactNode
  /** Below the line, inside the card. */
  children?: ReactNode
}

/** A file as a line: what it is, how large, and how to get it. */
export function FileCard({ client, channelId, attachment, picture, actions, children }: Props) {
  const t = useTranslations('attachments')
  const sizeText = useSizeText()
  const { busy, save } = useSave(client, channelId, attachment)
  const { name, size, duration } = attachment
  const facts = [extensionOf(name).toUpperCase(), sizeText(size), duration && clock(duration)]
  return (
    <div className="w-[26rem] max-w-full overflow-hidden rounded-card border bg-ground">
      <div className="flex items-center gap-3 p-2 ps-3">
        <span className="grid size-9 shrink-0 place-items-center overflow-hidden rounded-control bg-fill text-quiet">
          {picture || <KindIcon attachment={attachment} />}
        </span>
        <span className="grid min-w-0 flex-1">
          <span className="min-w-0 font-medium text-base leading-5">
            <Name>{name}</Name>
          </span>
          <span className="truncate text-quiet text-xs" data-figures>
            {facts.filter(Boolean).join(' · ')}
          </span>
        </span>
        {actions}
        <IconButton
          label={t('download', { name })}
          icon={busy ? <Spinner size={16} /> : <Download size={17} />}
          onClick={save}
        />
      </div>
      {children}
    </div>
  )
}
