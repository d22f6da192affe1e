'use client'

import { ChevronDown, ChevronUp, FileText, ZoomIn, ZoomOut } from 'lucide-react'
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { Virtualizer, type VirtualizerHandle } from 'virtua'
import type { AppClient } from '@/lib/supabase/client'
import { Button } from '@/ui/button'
import { EmptyState } from '@/ui/empty-state'
import { IconButton } from '@/ui/icon-button'
import { Spinner } from '@/ui/spinner'
import type { PageSize } from './pdf-document'
import { PdfPage } from './pdf-page'
import { drawnSize, scaleOf, ZOOMS } from './pdf-sizes'
import type { Attachment } from './schema'
import { usePdf } from './use-pdf'
import { useSave } from './use-save'
import { ViewerFrame } from './viewer-frame'

export type PdfViewProps = {
  client: AppClient
  channelId: string
  attachment: Attachment
  onClose(): void
  onLost?(): void
}

const FITTING = ZOOMS.indexOf(1)
/** Around and between the pages. */
const GAP_PX = 16

/** A PDF over the whole screen: its pages below each other, arrows turn them, + and - zoom. */
export default function PdfView({ client, channelId, attachment, onClose, onLost }: PdfViewProps) {
  const t = useTranslations('attachments')
  const { pdf, problem } = usePdf(client, channelId, attachment)
  const list = useRef<VirtualizerHandle>(null)
  const [step, setStep] = useState(FITTING)
  const [current, setCurrent] = useState(1)
  const { scroller, setScroller, room } = useRoom()
  const count = pdf?.count ?? 0
  const numbers = useMemo(() => Array.from({ length: count }, (_, index) => index + 1), [count])
  const zoom = ZOOMS[step] ?? 1
  const [widest, setWidest] = useState<PageSize | null>(null)
  const onSize = useCallback(
    (size: PageSize) => setWidest((last) => (last && last.width >= size.width ? last : size)),
    [],
  )
  const width = pdf ? drawnSize(widest ?? pdf.size, scaleOf(widest ?? pdf.size, room, zoom)).width : 0

  const place = useRef(1)
  place.current = current
  const turn = (number: number) => {
    const next = Math.min(count, Math.max(1, number))
    list.current?.scrollToIndex(next - 1, { align: 'start' })
  }
  // Larger pages are further down: the one that was looked at stays.
  // biome-ignore lint/correctness/useExhaustiveDependencies: after each change of the size
  useEffect(() => {
    if (place.current > 1) list.current?.scrollToIndex(place.current - 1, { align: 'start' })
    const box = scroller.current
    if (box) box.scrollLeft = (box.scrollWidth - box.clientWidth) / 2
  }, [zoom, room])
  const scrolled = useCallback(
    (offset: number) => {
      if (!list.current) return
      const { viewportSize, scrollSize } = list.current
      // Short pages at the end never come to the top.
      const atEnd = offset + viewportSize >= scrollSize - 1
      setCurrent(atEnd ? count : list.current.findItemIndex(offset + viewportSize / 3) + 1)
    },
    [count],
  )
  const zoomBy = (by: number) => setStep((last) => Math.min(ZOOMS.length - 1, Math.max(0, last + by)))
  const keys = (event: KeyboardEvent) => {
    const wide = zoom > 1
    if (event.key === '+' || event.key === '=') zoomBy(1)
    else if (event.key === '-') zoomBy(-1)
    else if (event.key === '0') setStep(FITTING)
    else if (event.key === 'ArrowRight' && !wide) turn(current + 1)
    else if (event.key === 'ArrowLeft' && !wide) turn(current - 1)
    else if (event.key === 'Home') turn(1)
    else if (event.key === 'End') turn(count)
    else return
    event.preventDefault()
  }
  return (
    <ViewerFrame
      client={client}
      channelId={channelId}
      attachment={attachment}
      place={pdf ? t('count', { place: current, count }) : undefined}
      tools={
        pdf && (
          <>
            <IconButton
              label={t('previousPage')}
              icon={<ChevronUp size={18} />}
              disabled={current <= 1}
              onClick={() => turn(current - 1)}
              className="max-md:hidden"
            />
            <IconButton
              label={t('nextPage')}
              icon={<ChevronDown size={18} />}
              disabled={current >= count}
              onClick={() => turn(current + 1)}
              className="max-md:hidden"
            />
            <IconButton
              label={t('zoomOut')}
              shortcut="-"
              icon={<ZoomOut size={18} />}
              disabled={step === 0}
              onClick={() => zoomBy(-1)}
            />
            <IconButton
              label={t('zoomIn')}
              shortcut="+"
              icon={<ZoomIn size={18} />}
              disabled={step === ZOOMS.length - 1}
              onClick={() => zoomBy(1)}
            />
          </>
        )
      }
      start={scroller}
      onKey={keys}
      onClose={onClose}
      onLost={onLost}
    >
      <section
        ref={setScroller}
        aria-label={t('contents', { name: attachment.name })}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        className="min-h-0 flex-1 overflow-auto bg-sunken outline-offset-[-2px]"
      >
        {problem ? (
          <Refused client={client} channelId={channelId} attachment={attachment} reason={problem} />
        ) : pdf && room > 0 ? (
          // The list takes what is wider than itself for nothing that one could scroll to.
          <div style={{ width: width + 2 * GAP_PX }} className="min-w-full">
            <Virtualizer
              ref={list}
              data={numbers}
              scrollRef={scroller}
              bufferSize={400}
              itemSize={Math.round((pdf.size.height / pdf.size.width) * width) + GAP_PX}
              onScroll={scrolled}
            >
              {(number: number) => (
                <div key={number} style={{ padding: GAP_PX, paddingBottom: number === count ? GAP_PX : 0 }}>
                  <PdfPage pdf={pdf} number={number} room={room} zoom={zoom} onSize={onSize} />
                </div>
              )}
            </Virtualizer>
          </div>
        ) : (
          <div className="grid size-full place-items-center text-quiet">
            <Spinner size={24} label={t('loading')} />
          </div>
        )}
      </section>
    </ViewerFrame>
  )
}

/** How wide a page may be in what scrolls, which is drawn later than this; 0 before that is known. */
function useRoom() {
  const scroller = useRef<HTMLElement | null>(null)
  const [element, setElement] = useState<HTMLElement | null>(null)
  const [room, setRoom] = useState(0)
  useEffect(() => {
    if (!element) return
    const observer = new ResizeObserver(() => setRoom(Math.max(1, element.clientWidth - 2 * GAP_PX)))
    observer.observe(element)
    return () => observer.disconnect()
  }, [element])
  const setScroller = useCallback((node: HTMLElement | null) => {
    scroller.current = node
    setElement(node)
  }, [])
  return { scroller, setScroller, room }
}

type RefusedProps = Pick<PdfViewProps, 'client' | 'channelId' | 'attachment'> & { reason: string }

/** Whatever is the matter with it, the file itself can be had. */
function Refused({ client, channelId, attachment, reason }: RefusedProps) {
  const t = useTranslations('attachments')
  const { busy, save } = useSave(client, channelId, attachment)
  return (
    <div role="alert">
      <EmptyState
        icon={<FileText size={22} />}
        title={reason}
        action={
          <Button busy={busy} onClick={save}>
            {t('downloadFile')}
          </Button>
        }
      />
    </div>
  )
}
