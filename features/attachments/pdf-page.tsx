'use client'

import { useEffect, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { Spinner } from '@/ui/spinner'
import { type PageSize, type Pdf, sizeOf } from './pdf-document'
import { drawPage } from './pdf-draw'
import { drawnSize, scaleOf } from './pdf-sizes'

type Props = {
  pdf: Pdf
  number: number
  /** Pixels that a page may be wide. */
  room: number
  zoom: number
  onSize(size: PageSize): void
}

/** One page: drawn while it is near the window, with its text above it to be read and selected. */
export function PdfPage({ pdf, number, room, zoom, onSize }: Props) {
  const t = useTranslations('attachments')
  const paper = useRef<HTMLDivElement>(null)
  const text = useRef<HTMLDivElement>(null)
  // Until this page has told its size it has that of the first.
  const [size, setSize] = useState<PageSize>(pdf.size)
  const [state, setState] = useState<'drawing' | 'drawn' | 'failed'>('drawing')
  const scale = scaleOf(size, room, zoom)
  const drawn = drawnSize(size, scale)

  useEffect(() => {
    const stop = new AbortController()
    const [onto, over] = [paper.current, text.current]
    if (!onto || !over) return
    pdf
      .page(number)
      .then(async (page) => {
        if (stop.signal.aborted) return
        const real = sizeOf(page)
        onSize(real)
        setSize((last) => (last.width === real.width && last.height === real.height ? last : real))
        await drawPage(page, { onto, over, scale: scaleOf(real, room, zoom), signal: stop.signal })
        setState('drawn')
      })
      .catch(() => !stop.signal.aborted && setState('failed'))
    return () => stop.abort()
  }, [pdf, number, room, zoom, onSize])

  return (
    <article
      aria-label={t('page', { page: number })}
      data-page={number}
      data-state={state}
      style={{ ...drawn, '--total-scale-factor': scale } as object}
      className="relative mx-auto bg-white shadow-float"
    >
      {/* What is drawn on it is read from the text above. */}
      <div ref={paper} aria-hidden className="absolute inset-0 overflow-hidden" />
      <div ref={text} className="pdf-text" />
      {state !== 'drawn' && (
        // A page is white in both themes.
        <div className="absolute inset-0 grid place-items-center bg-white p-4 text-center text-[#555]">
          {state === 'failed' ? <p role="alert">{t('pageFailed')}</p> : <Spinner label={t('loading')} />}
        </div>
      )}
    </article>
  )
}
