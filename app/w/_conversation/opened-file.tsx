'use client'

import { Suspense } from 'react'
import { lazyPart } from '@/lib/lazy-part'
import type { FilePreviewProps, OpenFile } from './file-preview'

const FilePreview = lazyPart<FilePreviewProps>(() => import('./file-preview'))

/** The file that is shown over the whole screen, where one was opened. */
export function OpenedFile({ file, ...rest }: Omit<FilePreviewProps, 'file'> & { file: OpenFile | null }) {
  if (!file) return null
  return (
    <Suspense fallback={null}>
      <FilePreview file={file} {...rest} />
    </Suspense>
  )
}
