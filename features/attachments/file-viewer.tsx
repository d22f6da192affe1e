'use client'

import { Suspense } from 'react'
import { lazyPart } from '@/lib/lazy-part'
import type { LightboxProps } from './lightbox'
import type { PdfViewProps } from './pdf-view'
import { kindOf } from './schema'

const Lightbox = lazyPart<LightboxProps>(() => import('./lightbox'))
const PdfView = lazyPart<PdfViewProps>(() => import('./pdf-view'))

/**
 * A file over the whole screen. It stands beside the list that it was opened from and not in one of its rows: a timeline
 * replaces its rows whenever it likes.
 */
export function FileViewer({ attachments, ...props }: LightboxProps) {
  const attachment = attachments.find(({ id }) => id === props.startId)
  if (!attachment) return null
  return (
    <Suspense fallback={null}>
      {kindOf(attachment) === 'pdf' ? (
        <PdfView key={attachment.id} {...props} attachment={attachment} />
      ) : (
        <Lightbox {...props} attachments={attachments.filter((one) => kindOf(one) === 'image')} />
      )}
    </Suspense>
  )
}
