'use client'

import { type ReactNode, Suspense, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { lazyPart } from '@/lib/lazy-part'
import { Button } from './button'
import type { PictureCropperProps } from './picture-cropper'

const PictureCropper = lazyPart<PictureCropperProps>(() => import('./picture-cropper'))

type Props = {
  /** The picture as it is now. */
  children: ReactNode
  has: boolean
  round?: boolean
  onPicture(picture: Blob): Promise<void>
  onRemove(): Promise<void>
  errorText(error: unknown): string
}

/** A picture that can be changed and taken away. */
export function PictureField({ children, has, round = false, onPicture, onRemove, errorText }: Props) {
  const t = useTranslations('ui')
  const input = useRef<HTMLInputElement>(null)
  const [file, setFile] = useState<File | null>(null)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const remove = async () => {
    setBusy(true)
    setError(null)
    try {
      await onRemove()
    } catch (reason) {
      setError(errorText(reason))
    }
    setBusy(false)
  }
  return (
    <div className="grid gap-2">
      <div className="flex flex-wrap items-center gap-3">
        {children}
        <Button size="sm" onClick={() => input.current?.click()}>
          {has ? t('changePicture') : t('addPicture')}
        </Button>
        {has && (
          <Button size="sm" variant="quiet" busy={busy} onClick={() => void remove()}>
            {t('removePicture')}
          </Button>
        )}
        <input
          ref={input}
          type="file"
          accept="image/*"
          hidden
          tabIndex={-1}
          data-picture
          onChange={(event) => {
            setFile(event.currentTarget.files?.[0] ?? null)
            event.currentTarget.value = ''
          }}
        />
      </div>
      {error && (
        <p role="alert" className="text-danger-ink text-sm">
          {error}
        </p>
      )}
      {file && (
        <Suspense fallback={null}>
          <PictureCropper
            file={file}
            round={round}
            onDone={onPicture}
            errorText={errorText}
            onClose={() => setFile(null)}
          />
        </Suspense>
      )}
    </div>
  )
}
