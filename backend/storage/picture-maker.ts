import type Sharp from 'sharp'
import { StorageError } from './errors'
import type { Transformation } from './transformation'

/** Larger pictures are not decoded: a few bytes can be a picture of gigabytes. */
const MAX_PIXELS = 50_000_000
const MAX_SECONDS = 10

const formats = ['jpeg', 'png', 'webp', 'gif', 'avif'] as const
type Format = (typeof formats)[number]

/** A picture that was made. */
export type Picture = { bytes: Buffer; contentType: string }

let loading: Promise<typeof Sharp> | undefined

/** The library is large: it is loaded for the first picture. */
function load(): Promise<typeof Sharp> {
  loading ??= import('sharp').then(({ default: sharp }) => {
    sharp.concurrency(1)
    sharp.cache(false)
    // Only the formats above are ever parsed. What reads others (SVG, PDF, TIFF, …) is not even asked what it is.
    sharp.block({ operation: ['VipsForeignLoad'] })
    sharp.unblock({
      operation: [
        ...['VipsForeignLoadJpeg', 'VipsForeignLoadPng', 'VipsForeignLoadWebp'],
        ...['VipsForeignLoadNsgif', 'VipsForeignLoadHeif'],
      ],
    })
    return sharp
  })
  return loading
}

/** Makes a picture of a picture. Throws StorageError: 413 too large, 422 not a picture. */
export async function makePicture(
  bytes: Buffer,
  transformation: Transformation,
  acceptsWebp: boolean,
): Promise<Picture> {
  const { width, height, resize = 'cover', quality = 80 } = transformation
  const sharp = await load()
  const format = await inspect(sharp, bytes)
  const wanted = transformation.format ?? (acceptsWebp ? 'webp' : 'origin')
  const made = wanted === 'origin' ? format : wanted
  // Without its metadata, where the place it was taken at may be; turned as it says first.
  const image = sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'error', sequentialRead: true })
    .timeout({ seconds: MAX_SECONDS })
    .autoOrient()
  if (width !== undefined || height !== undefined) {
    const fit = resize === 'contain' ? 'inside' : resize
    image.resize({
      ...(width ? { width } : {}),
      ...(height ? { height } : {}),
      fit,
      withoutEnlargement: true,
    })
  }
  try {
    const output = await image
      .toFormat(made, made === 'gif' ? {} : { quality, effort: effortOf(made) })
      .toBuffer()
    return { bytes: output, contentType: `image/${made}` }
  } catch (error) {
    throw explain(error)
  }
}

/** What kind of picture it is, by its first bytes and whatever its name says; nothing is decoded. */
async function inspect(sharp: typeof Sharp, bytes: Buffer): Promise<Format> {
  const header = await sharp(bytes, { limitInputPixels: MAX_PIXELS })
    .metadata()
    .catch((error: unknown) => {
      throw explain(error)
    })
  const name = header.format === 'heif' && header.compression === 'av1' ? 'avif' : header.format
  const format = formats.find((each) => each === name)
  if (!format) throw notAPicture()
  if (header.width * header.height > MAX_PIXELS) throw tooLarge()
  return format
}

/** Encoders that take their time are told not to. */
function effortOf(format: Exclude<Format, 'gif'>): number {
  return { jpeg: 1, png: 4, webp: 2, avif: 1 }[format]
}

function explain(error: unknown): StorageError {
  const message = error instanceof Error ? error.message : ''
  if (/pixel limit/i.test(message)) return tooLarge()
  if (/timeout/i.test(message))
    return new StorageError(422, 'InvalidRequest', 'The image takes too long to transform')
  return notAPicture()
}

export function tooLarge(): StorageError {
  return new StorageError(413, 'Payload too large', 'The image is too large to be transformed')
}

function notAPicture(): StorageError {
  return new StorageError(422, 'InvalidRequest', 'This is not an image that can be transformed')
}
