'use client'

import { ChevronLeft, ChevronRight, Download, X, ZoomIn, ZoomOut } from 'lucide-react'
import * as Radix from 'radix-ui/dialog'
import { type KeyboardEvent, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '@/lib/error-text'
import type { AppClient } from '@/lib/supabase/client'
import { IconButton } from '@/ui/icon-button'
import { Name } from '@/ui/name'
import { Spinner } from '@/ui/spinner'
import { AltForm } from './alt-form'
import { usePicture } from './pictures'
import type { Attachment } from './schema'
import { useSave } from './use-save'

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
  // Radix gives the focus back to a trigger only, and this has none.
  const [back] = useState(() => wayBack(document.activeElement))
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
    // Texts and rows below have keys of their own.
    event.stopPropagation()
    if (event.target instanceof HTMLTextAreaElement || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === 'ArrowRight' && !zoomed) go(1)
    else if (event.key === 'ArrowLeft' && !zoomed) go(-1)
    else if (event.key === '+' || event.key === '=') setZoomed(true)
    else if (event.key === '-' || event.key === '0') setZoomed(false)
    else return
    event.preventDefault()
  }
  // It was deleted while somebody looked at it.
  if (!attachment) return null
  return (
    <Radix.Root open onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Content
          onKeyDown={keys}
          onCloseAutoFocus={(event) => {
            event.preventDefault()
            const place = back()
            place ? place.focus() : onLost?.()
          }}
          aria-describedby={undefined}
          className="fixed inset-0 z-50 flex animate-appear flex-col bg-ground outline-none"
        >
          <header className="flex h-13 shrink-0 items-center gap-1 border-b ps-4 pe-2">
            <Radix.Title className="min-w-0 flex-1 font-semibold text-base">
              <Name>{attachment.name}</Name>
            </Radix.Title>
            {attachments.length > 1 && (
              <span className="shrink-0 px-2 text-quiet text-sm" data-figures>
                {t('count', { place: index + 1, count: attachments.length })}
              </span>
            )}
            <IconButton
              label={zoomed ? t('zoomOut') : t('zoomIn')}
              shortcut={zoomed ? '-' : '+'}
              icon={zoomed ? <ZoomOut size={18} /> : <ZoomIn size={18} />}
              onClick={() => setZoomed(!zoomed)}
            />
            <Save key={attachment.id} client={client} channelId={channelId} attachment={attachment} />
            <Radix.Close asChild>
              <IconButton label={t('close')} icon={<X size={18} />} />
            </Radix.Close>
          </header>
          <div className="relative min-h-0 flex-1">
            <Shown
              key={attachment.id}
              client={client}
              channelId={channelId}
              attachment={attachment}
              zoomed={zoomed}
              onZoom={() => setZoomed(!zoomed)}
            />
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
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

/**
 * Leads to where the focus came from, or to what is there instead: a picture can be deleted while it is looked at and its
 * message stays, or the timeline is drawn anew.
 */
function wayBack(element: Element | null): () => HTMLElement | null | undefined {
  const around = element?.parentElement?.closest<HTMLElement>('[tabindex]')
  const { attachment } = element instanceof HTMLElement ? element.dataset : {}
  const key = around?.dataset.key
  return () => {
    const same = [element, around].find((place) => place instanceof HTMLElement && place.isConnected)
    const again =
      (attachment && document.querySelector(`[data-attachment="${CSS.escape(attachment)}"]`)) ||
      (key && document.querySelector(`[data-key="${CSS.escape(key)}"]`))
    return (same ?? again ?? null) as HTMLElement | null
  }
}

type FileProps = Pick<LightboxProps, 'client' | 'channelId'> & { attachment: Attachment }

function Save({ client, channelId, attachment }: FileProps) {
  const t = useTranslations('attachments')
  const { busy, save } = useSave(client, channelId, attachment)
  return (
    <IconButton
      label={t('download', { name: attachment.name })}
      icon={busy ? <Spinner size={16} /> : <Download size={18} />}
      onClick={save}
    />
  )
}

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
