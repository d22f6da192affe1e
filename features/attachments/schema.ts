/** A file as messages carry it: an element of `messages.attachments`. */
export type Attachment = {
  id: string
  name: string
  /** Media type. */
  type: string
  /** Bytes. */
  size: number
  /** Pixels, of what has a picture. */
  width?: number
  height?: number
  /** Seconds of sound or film. */
  duration?: number
  /** Loudness of a voice message, up to 100 values from 0 to 100. */
  waveform?: number[]
  /** What a picture shows, in words. */
  alt?: string
}

export const BUCKET = 'attachments'

/** What the bucket takes; the database says the same. */
export const MAX_BYTES = 1_073_741_824
export const MAX_FILES = 20
export const MAX_ALT_LENGTH = 1_000

/** Larger pictures are files to download: decoding them takes the memory of the page. */
export const MAX_PIXELS = 100_000_000

export const pathOf = (channelId: string, { id }: Pick<Attachment, 'id'>) => `${channelId}/${id}`

export type Kind = 'image' | 'video' | 'audio' | 'voice' | 'pdf' | 'text' | 'other'

/** Formats that every browser shows and the server can make smaller. */
const PICTURES = new Set(['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'image/avif'])
const TEXTS =
  /^text\/|^application\/(json|xml|x-sh|x-yaml|yaml|javascript|sql|toml|typescript)$|\+(json|xml)$/

/** How a file is shown. A picture whose size is not known would make the page jump, so it is a file like any other. */
export function kindOf({ type, width, waveform }: Attachment): Kind {
  if (waveform) return 'voice'
  if (PICTURES.has(type)) return width ? 'image' : 'other'
  if (type.startsWith('video/')) return 'video'
  if (type.startsWith('audio/')) return 'audio'
  if (type === 'application/pdf') return 'pdf'
  return TEXTS.test(type) ? 'text' : 'other'
}

export const extensionOf = (name: string) => /\.([^./\\]{1,10})$/.exec(name)?.[1]?.toLowerCase() ?? ''
