import { load as readTags } from 'exifreader'
import type { AppError } from '@/lib/errors'
import { type Attachment, extensionOf, MAX_BYTES, MAX_PIXELS } from './schema'

export type Prepared = Pick<Attachment, 'name' | 'type' | 'size' | 'width' | 'height' | 'duration'> & {
  body: Blob
}

/** Sources that browsers call films or nothing at all. */
const CODE =
  /^(c|cc|cpp|cs|css|diff|go|h|hpp|ini|java|js|jsx|kt|log|lua|md|mjs|php|pl|py|rb|rs|sh|sql|swift|toml|ts|tsx|txt|vue|yaml|yml)$/

const METADATA_MS = 5_000
const QUALITY = 0.92

const refusal = (code: string, status = 422): AppError => ({ code, status, message: code })

/**
 * What is sent of a file that somebody chose: a picture without what its camera wrote into it (where it was taken, with
 * what, when), and the numbers that reserve its place. Rejects with an AppError.
 */
export async function prepareFile(file: File): Promise<Prepared> {
  if (file.size === 0) throw refusal('attachment_empty')
  if (file.size > MAX_BYTES) throw refusal('attachment_too_large', 413)
  const plain = { name: shortName(file.name), type: typeOf(file), size: file.size, body: file }
  if (plain.type.startsWith('image/') && plain.type !== 'image/svg+xml') return preparePicture(file, plain)
  if (/^(audio|video)\//.test(plain.type)) return { ...plain, ...(await measureMedia(file)) }
  return plain
}

function typeOf({ type, name }: File): string {
  const extension = extensionOf(name)
  if (CODE.test(extension) && !type.startsWith('text/')) return 'text/plain'
  return type.split(';')[0] || 'application/octet-stream'
}

/** At most 255 characters, with the ending that says what it is. */
function shortName(name: string): string {
  const characters = [...name.trim()]
  if (characters.length <= 255) return characters.join('') || 'file'
  const extension = extensionOf(name)
  return `${characters.slice(0, 250 - extension.length).join('')}….${extension}`
}

type Tags = { exif?: object; gps?: object; xmp?: object; iptc?: object; pixels: number }

/** Read from the file's head: nothing is decoded before its size is known. Null: this is no picture. */
async function tagsOf(body: Blob): Promise<Tags | null> {
  try {
    const tags = readTags(await body.arrayBuffer(), { expanded: true })
    const file = (tags.file ?? tags.pngFile ?? tags.riff ?? tags.gif ?? {}) as Record<
      string,
      { value?: unknown }
    >
    const side = (name: string) => Number(file[name]?.value ?? 0)
    return { ...tags, pixels: side('Image Width') * side('Image Height') } as Tags
  } catch {
    return null
  }
}

async function preparePicture(file: File, plain: Prepared): Promise<Prepared> {
  const tags = await tagsOf(file)
  if (!tags) return { ...plain, type: 'application/octet-stream' }
  const marked = Boolean(tags.exif ?? tags.gps ?? tags.xmp ?? tags.iptc)
  const bitmap = tags.pixels <= MAX_PIXELS ? await createImageBitmap(file).catch(() => null) : null
  if (!bitmap || bitmap.width * bitmap.height > MAX_PIXELS) {
    bitmap?.close()
    if (tags.gps) throw refusal('attachment_place_kept')
    return plain
  }
  try {
    const size = { width: bitmap.width, height: bitmap.height }
    if (!marked) return { ...plain, ...size }
    if (await isAnimated(file)) {
      if (tags.gps) throw refusal('attachment_place_kept')
      return { ...plain, ...size }
    }
    const body = await redraw(bitmap, plain.type)
    const left = await tagsOf(body)
    if (!left || left.gps || left.exif || left.xmp) throw refusal('attachment_place_kept')
    const name = body.type === plain.type ? plain.name : plain.name.replace(/(\.[^.]*)?$/, '.jpg')
    return { ...plain, ...size, name, type: body.type, size: body.size, body }
  } finally {
    bitmap.close()
  }
}

/** Only pixels come through, turned as they are shown. */
async function redraw(bitmap: ImageBitmap, type: string): Promise<Blob> {
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height)
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0)
  const keeps = type === 'image/png' || type === 'image/webp'
  return canvas.convertToBlob({ type: keeps ? type : 'image/jpeg', quality: QUALITY })
}

async function isAnimated(file: File): Promise<boolean> {
  if (file.type === 'image/gif') return true
  if (typeof ImageDecoder === 'undefined' || !(await ImageDecoder.isTypeSupported(file.type))) return false
  const decoder = new ImageDecoder({ data: await file.arrayBuffer(), type: file.type })
  try {
    await decoder.tracks.ready
    return decoder.tracks.selectedTrack?.animated ?? false
  } catch {
    return false
  } finally {
    decoder.close()
  }
}

/** How long it is, and how large its picture; nothing where the browser cannot play it. */
async function measureMedia(file: File): Promise<Pick<Prepared, 'width' | 'height' | 'duration'>> {
  const url = URL.createObjectURL(file)
  const media = document.createElement(file.type.startsWith('video/') ? 'video' : 'audio')
  try {
    await new Promise<void>((resolve, reject) => {
      media.onloadedmetadata = () => resolve()
      media.onerror = reject
      setTimeout(reject, METADATA_MS)
      media.preload = 'metadata'
      media.src = url
    })
    const { videoWidth: width = 0, videoHeight: height = 0 } = media as Partial<HTMLVideoElement>
    const duration = Number.isFinite(media.duration) ? { duration: media.duration } : {}
    return { ...duration, ...(width && height ? { width, height } : {}) }
  } catch {
    return {}
  } finally {
    media.removeAttribute('src')
    URL.revokeObjectURL(url)
  }
}
