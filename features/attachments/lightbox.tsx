'use client'

import { ChevronLeft, ChevronRight, ZoomIn, ZoomOut } from 'lucide-react'
import { type KeyboardEvent, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import type { AppClient } from '@/lib/supabase/client'
import { IconButton } from '@/ui/icon-button'
import { Spinner } from '@/ui/spinner'
import { AltForm } from './alt-form'
import { usePicture } from './pictures'
import type { Attachment } from './schema'
import { ViewerFrame } from './viewer-frame'

export type LightboxProps = {
  client: AppClient
  channelId: string
  attachments: readonly Attachment[]
  startId: string
  /** Absent for those who may not say what a picture shows. */
  onDescribe?(attachment: Attachment, alt: string): Promise<void>
  onClose(): void
  /** Takes the focus when nothing is left of where it came from. */
  onLost?(): void
}

/** Pictures over the whole screen: arrows turn pages, + and - zoom, Escape closes. */
export default function Lightbox(props: LightboxProps) {
  const { client, channelId, attachments, startId, onDescribe, onClose, onLost } = props
  const t = useTranslations('attachments')
  const [id, setId] = useState(startId)
  const [zoomed, setZoomed] = useState(false)
  const index = Math.max(
    0,
    attachments.findIndex((one) => one.id === id),
  )
  const attachment = attachments[index]
  const go = (step: number) => {
    const next = attachments[index + step]
    if (!next) return
    setZoomed(false)
    setId(next.id)
  }
  const keys = (event: KeyboardEvent) => {
    if (event.key === 'ArrowRight' && !zoomed) go(1)
    else if (event.key === 'ArrowLeft' && !zoomed) go(-1)
    else if (event.key === '+' || event.key === '=') setZoomed(true)
    else if (event.key === '-' || event.key === '0') setZoomed(false)
    else return
    event.preventDefault()
  }
  // It was deleted while somebody looked at it.
  if (!attachment) return null
  const file = { client, channelId, attachment }
  return (
    <ViewerFrame
      {...file}
      place={attachments.length > 1 ? t('count', { place: index + 1, count: attachments.length }) : undefined}
      tools={
        <IconButton
          label={zoomed ? t('zoomOut') : t('zoomIn')}
          shortcut={zoomed ? '-' : '+'}
          icon={zoomed ? <ZoomOut size={18} /> : <ZoomIn size={18} />}
          onClick={() => setZoomed(!zoomed)}
        />
      }
      onKey={keys}
      onClose={onClose}
      onLost={onLost}
    >
      <div className="relative min-h-0 flex-1">
        <Shown key={attachment.id} {...file} zoomed={zoomed} onZoom={() => setZoomed(!zoomed)} />
        {index > 0 && (
          <IconButton
            label={t('previous')}
            icon={<ChevronLeft size={22} />}
            onClick={() => go(-1)}
            className="absolute! start-3 top-1/2 size-10! -translate-y-1/2 border bg-float! shadow-float"
          />
        )}
        {index < attachments.length - 1 && (
          <IconButton
            label={t('next')}
            icon={<ChevronRight size={22} />}
            onClick={() => go(1)}
            className="absolute! end-3 top-1/2 size-10! -translate-y-1/2 border bg-float! shadow-float"
          />
        )}
      </div>
      <AltForm
        key={`${attachment.id}:alt`}
        alt={attachment.alt ?? ''}
        onSave={onDescribe && ((alt) => onDescribe(attachment, alt))}
      />
    </ViewerFrame>
  )
}

type FileProps = Pick<LightboxProps, 'client' | 'channelId'> & { attachment: Attachment }

type ShownProps = FileProps & { zoomed: boolean; onZoom(): void }

/** The large picture, with the small one in its place until it is there. */
function Shown({ client, channelId, attachment, zoomed, onZoom }: ShownProps) {
  const t = useTranslations('attachments')
  const errorText = useErrorText()
  const small = usePicture(client, channelId, attachment, 'small')
  const large = usePicture(client, channelId, attachment, 'large')
  const url = large.url ?? small.url
  const { width = 1, height = 1 } = attachment
  if (large.error && !url) {
    return (
      <p role="alert" className="grid size-full place-items-center p-6 text-center text-soft">
        {errorText(large.error)}
      </p>
    )
  }
  if (!url) {
    return (
      <div className="grid size-full place-items-center text-quiet">
        <Spinner size={24} label={t('loading')} />
      </div>
    )
  }
  return (
    <div className="size-full overflow-auto p-4" tabIndex={zoomed ? 0 : undefined}>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the button and the keys above do the same */}
      {/* biome-ignore lint/performance/noImgElement: it is a blob of this page */}
      <img
        src={url}
        alt={attachment.alt || attachment.name}
        width={width}
        height={height}
        onClick={onZoom}
        draggable={false}
        style={zoomed ? { width: width * 2, maxWidth: 'none' } : undefined}
        className={
          zoomed
            ? 'mx-auto block h-auto cursor-zoom-out'
            : 'mx-auto block size-full cursor-zoom-in object-scale-down'
        }
      />
    </div>
  )
}
