'use client'

import { clsx } from 'clsx'
import { Eye } from 'lucide-react'
import { Suspense, useState } from 'react'
import { useTranslations } from 'use-intl'
import { lazyPart } from '@/lib/lazy-part'
import type { AppClient } from '@/lib/supabase/client'
import { IconButton } from '@/ui/icon-button'
import { FileCard } from './file-card'
import { OpenButton } from './open-button'
import { Picture } from './picture'
import { Player } from './player'
import { type Attachment, kindOf } from './schema'
import type { TextPreviewProps } from './text-preview'
import type { VoicePlayerProps } from './voice-player'

const TextPreview = lazyPart<TextPreviewProps>(() => import('./text-preview'))
const VoicePlayer = lazyPart<VoicePlayerProps>(() => import('./voice-player'))

type Props = {
  client: AppClient
  channelId: string
  attachments: readonly Attachment[]
  /** Shows one over the whole screen. */
  onOpen(id: string): void
}

/** What was sent with a message: pictures side by side, everything else below each other. */
export function AttachmentList({ client, channelId, attachments, onOpen }: Props) {
  const pictures = attachments.filter((attachment) => kindOf(attachment) === 'image')
  const others = attachments.filter((attachment) => kindOf(attachment) !== 'image')
  const place = { client, channelId }
  const many = pictures.length > 1
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-1.5 py-1">
      {pictures.length > 0 && (
        <ul className={clsx('flex flex-wrap gap-1.5', many && 'max-w-[36rem]')}>
          {pictures.map((attachment) => (
            <li
              key={attachment.id}
              className={clsx(
                'min-w-0',
                many ? 'h-32 w-42 max-w-[calc(50%-0.1875rem)] overflow-hidden rounded-image' : 'max-w-full',
              )}
            >
              <Picture {...place} attachment={attachment} tile={many} onOpen={() => onOpen(attachment.id)} />
            </li>
          ))}
        </ul>
      )}
      {others.map((attachment) => (
        <Other key={attachment.id} {...place} attachment={attachment} onOpen={() => onOpen(attachment.id)} />
      ))}
    </div>
  )
}

type OtherProps = { client: AppClient; channelId: string; attachment: Attachment; onOpen(): void }

function Other({ onOpen, ...file }: OtherProps) {
  const t = useTranslations('attachments')
  const [previewed, setPreviewed] = useState(false)
  const kind = kindOf(file.attachment)
  if (kind === 'voice') {
    return (
      <Suspense fallback={<FileCard {...file} />}>
        <VoicePlayer {...file} />
      </Suspense>
    )
  }
  if (kind === 'video' || kind === 'audio') return <Player {...file} />
  if (kind === 'pdf') return <FileCard {...file} actions={<OpenButton {...file} onOpen={onOpen} />} />
  if (kind !== 'text') return <FileCard {...file} />
  return (
    <FileCard
      {...file}
      actions={
        <IconButton
          label={t('preview', { name: file.attachment.name })}
          icon={<Eye size={17} />}
          pressed={previewed}
          onClick={() => setPreviewed(!previewed)}
        />
      }
    >
      {previewed && (
        <Suspense fallback={null}>
          <TextPreview {...file} />
        </Suspense>
      )}
    </FileCard>
  )
}
