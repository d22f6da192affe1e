'use client'

import { ImageOff } from 'lucide-react'
import { useTranslations } from 'use-intl'
import type { AppClient } from '@/lib/supabase/client'
import { usePicture } from './pictures'
import type { Attachment } from './schema'

type Props = {
  client: AppClient
  channelId: string
  attachment: Attachment
  /** Fills the space it is given instead of its own. */
  tile?: boolean
  onOpen(): void
}

/** Of a timeline; narrower screens make it smaller. */
const BOX = { width: 360, height: 300 }
const LEAST = 64

/** The place of a picture, whose size is known before it is loaded. */
export function boxOf({ width = 1, height = 1 }: Attachment) {
  const scale = Math.min(1, BOX.width / width, BOX.height / height)
  return {
    width: Math.max(LEAST, Math.round(width * scale)),
    height: Math.max(LEAST, Math.round(height * scale)),
  }
}

/** A picture that opens. Its box is there first, so nothing moves when it comes. */
export function Picture({ client, channelId, attachment, tile, onOpen }: Props) {
  const t = useTranslations('attachments')
  const { url, error, retry } = usePicture(client, channelId, attachment, 'small')
  const box = boxOf(attachment)
  const what = attachment.alt || attachment.name
  return (
    <button
      type="button"
      aria-label={error ? t('pictureFailed', { name: attachment.name }) : t('open', { name: what })}
      onClick={error ? retry : onOpen}
      data-attachment={attachment.id}
      style={tile ? undefined : { width: box.width, aspectRatio: `${box.width} / ${box.height}` }}
      className={
        tile
          ? 'relative size-full overflow-hidden bg-fill'
          : 'relative block max-w-full overflow-hidden rounded-image bg-fill outline-offset-2'
      }
    >
      {url && (
        // biome-ignore lint/performance/noImgElement: it is a blob of this page
        <img
          src={url}
          alt={what}
          width={attachment.width}
          height={attachment.height}
          decoding="async"
          draggable={false}
          className="absolute inset-0 size-full animate-appear object-cover"
        />
      )}
      {Boolean(error) && (
        <span className="absolute inset-0 grid place-items-center text-quiet">
          <ImageOff size={20} aria-hidden />
        </span>
      )}
      <span className="pointer-events-none absolute inset-0 rounded-[inherit] border border-line" />
    </button>
  )
}
