'use client'

import { useEffect, useState } from 'react'
import Cropper, { type Area } from 'react-easy-crop'
import { useTranslations } from 'use-intl'
import 'react-easy-crop/react-easy-crop.css'
import { Button } from './button'
import { Dialog } from './dialog'
import { DialogActions } from './dialog-actions'
import { ErrorNotice } from './error-notice'

export type PictureCropperProps = {
  file: File
  round: boolean
  /** Takes the square that was cut out, 512 px at most. */
  onDone(picture: Blob): Promise<void>
  errorText(error: unknown): string
  onClose(): void
}

const SIDE = 512
const MAX_ZOOM = 4
/** Larger ones take the memory of the page. */
const MAX_PIXELS = 100_000_000

/** Cuts a square out of a picture: dragged, zoomed, or moved with the arrow keys. */
export default function PictureCropper({ file, round, onDone, errorText, onClose }: PictureCropperProps) {
  const t = useTranslations('ui')
  const [url, setUrl] = useState<string | null>(null)
  const [crop, setCrop] = useState({ x: 0, y: 0 })
  const [zoom, setZoom] = useState(1)
  const [area, setArea] = useState<Area | null>(null)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string | null>(null)
  useEffect(() => {
    const made = URL.createObjectURL(file)
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [file])
  const save = async () => {
    if (!area) return
    setBusy(true)
    setError(null)
    try {
      await onDone(await cut(file, area))
      onClose()
    } catch (reason) {
      setError(reason instanceof NotAPicture ? t('notAPicture') : errorText(reason))
      setBusy(false)
    }
  }
  return (
    <Dialog title={t('cropTitle')} onClose={onClose}>
      <div className="grid gap-4">
        <div className="relative h-72 overflow-hidden rounded-control bg-sunken">
          {url && (
            <Cropper
              image={url}
              crop={crop}
              zoom={zoom}
              maxZoom={MAX_ZOOM}
              aspect={1}
              cropShape={round ? 'round' : 'rect'}
              showGrid={false}
              onCropChange={setCrop}
              onZoomChange={setZoom}
              onCropComplete={(_, pixels) => setArea(pixels)}
              cropperProps={{ role: 'group', 'aria-label': t('cropArea') }}
              disableAutomaticStylesInjection
            />
          )}
        </div>
        <label className="flex items-center gap-3 text-sm">
          {t('zoom')}
          <input
            type="range"
            min={1}
            max={MAX_ZOOM}
            step={0.05}
            value={zoom}
            onChange={(event) => setZoom(Number(event.currentTarget.value))}
            className="min-w-0 flex-1 accent-accent"
          />
        </label>
        {error && <ErrorNotice>{error}</ErrorNotice>}
        <DialogActions>
          <Button variant="quiet" onClick={onClose}>
            {t('cancel')}
          </Button>
          <Button variant="primary" busy={busy} disabled={!area} onClick={() => void save()}>
            {t('savePicture')}
          </Button>
        </DialogActions>
      </div>
    </Dialog>
  )
}

class NotAPicture extends Error {}

/** Only pixels come out: nothing that a camera wrote into the file. */
async function cut(file: File, { x, y, width, height }: Area): Promise<Blob> {
  const bitmap = await createImageBitmap(file).catch(() => null)
  if (!bitmap || bitmap.width * bitmap.height > MAX_PIXELS) throw new NotAPicture()
  const side = Math.min(SIDE, Math.round(width))
  const canvas = new OffscreenCanvas(side, side)
  const context = canvas.getContext('2d')
  if (context) context.imageSmoothingQuality = 'high'
  context?.drawImage(bitmap, x, y, width, height, 0, 0, side, side)
  bitmap.close()
  return canvas.convertToBlob({ type: 'image/webp', quality: 0.9 })
}
