'use client'

import { Upload } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'

type Props = { onFiles(files: File[]): void }

const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false

/** Takes files that are dropped anywhere on the pane it stands in, and shows so while they are over it. */
export function DropTarget({ onFiles }: Props) {
  const t = useTranslations('attachments')
  const mark = useRef<HTMLSpanElement>(null)
  const [box, setBox] = useState<DOMRect | null>(null)
  const take = useRef(onFiles)
  take.current = onFiles
  useEffect(() => {
    const pane = mark.current?.closest<HTMLElement>('main, aside')
    if (!pane) return
    // Entering a child leaves its parent: only when nothing is left has the pane been left.
    let inside = 0
    const enter = (event: DragEvent) => {
      if (!hasFiles(event)) return
      event.preventDefault()
      inside += 1
      setBox(pane.getBoundingClientRect())
    }
    const over = (event: DragEvent) => hasFiles(event) && event.preventDefault()
    const leave = (event: DragEvent) => {
      if (!hasFiles(event)) return
      inside -= 1
      if (inside <= 0) stop()
    }
    const stop = () => {
      inside = 0
      setBox(null)
    }
    const drop = (event: DragEvent) => {
      if (!hasFiles(event)) return
      event.preventDefault()
      stop()
      const files = [...(event.dataTransfer?.items ?? [])]
        // A folder is no file, and reads as an empty one.
        .filter((item) => item.kind === 'file' && !item.webkitGetAsEntry?.()?.isDirectory)
        .flatMap((item) => item.getAsFile() ?? [])
      if (files.length > 0) take.current(files)
    }
    pane.addEventListener('dragenter', enter)
    pane.addEventListener('dragover', over)
    pane.addEventListener('dragleave', leave)
    pane.addEventListener('drop', drop)
    return () => {
      pane.removeEventListener('dragenter', enter)
      pane.removeEventListener('dragover', over)
      pane.removeEventListener('dragleave', leave)
      pane.removeEventListener('drop', drop)
    }
  }, [])
  return (
    <>
      <span ref={mark} hidden />
      {box && (
        <div
          style={{ left: box.left, top: box.top, width: box.width, height: box.height }}
          className="pointer-events-none fixed z-30 grid animate-appear place-items-center bg-ground/85 p-3"
        >
          <p className="grid size-full place-items-center rounded-card border-2 border-accent border-dashed font-semibold text-lg">
            <span className="grid justify-items-center gap-3">
              <Upload size={28} aria-hidden className="text-accent-ink" />
              {t('drop')}
            </span>
          </p>
        </div>
      )}
    </>
  )
}
