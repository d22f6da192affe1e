'use client'

import { Suspense } from 'react'
import { lazyPart } from '@/lib/lazy-part'
import type { LightboxProps } from './lightbox'
import { kindOf } from './schema'

const Lightbox = lazyPart<LightboxProps>(() => import('./lightbox'))

/**
 * A file over the whole screen. It stands beside the list that it was opened from and not in one of its rows: a timeline
 * replaces its rows whenever it likes.
 */
export function FileViewer({ attachments, ...props }: LightboxProps) {
  const pictures = attachments.filter((attachment) => kindOf(attachment) === 'image')
  return (
    <Suspense fallback={null}>
      <Lightbox {...props} attachments={pictures} />
    </Suspense>
  )
}
