import { invalid, refusals, StorageError } from './errors'

// What S3 calls safe characters and those that need care, without a percent sign: a name is never decoded twice.
const allowed = /^(\w|\/|!|-|\.|\*|'|\(|\)| |&|\$|@|=|;|:|\+|,|\?)*$/
const MAX_KEY_LENGTH = 1024
const MAX_BUCKET_LENGTH = 100

/** Checks the name of an object; a path in it cannot leave its folder. Throws StorageError 400. */
export function checkKey(key: string): string {
  const parts = key.split('/')
  const odd = parts.some((part) => part === '' || part === '.' || part === '..')
  if (key.length > MAX_KEY_LENGTH || odd || !allowed.test(key)) {
    throw invalid(`Invalid key: ${printable(key)}`, 'InvalidKey')
  }
  return key
}

/** Checks the name of a bucket. Throws StorageError 400. */
export function checkBucketName(name: string): string {
  const fits = name.length > 0 && name.length <= MAX_BUCKET_LENGTH && name.trim() === name
  if (!fits || name === '.' || name === '..' || name.includes('/') || !allowed.test(name)) {
    throw refusals.invalidBucketName()
  }
  return name
}

const mimeType = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/

/** Checks the type of a file against what its bucket takes. Throws StorageError 415. */
export function checkMimeType(contentType: string, accepted: string[] | null): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it becomes a header.
  const header = /^[^\u0000-\u001f\u007f-\uffff]{1,255}$/.test(contentType)
  const essence = (contentType.split(';', 1)[0] ?? '').trim().toLowerCase()
  if (!header || !mimeType.test(essence)) throw wrongMimeType(printable(contentType))
  if (accepted && accepted.length > 0 && !accepted.some((pattern) => matches(essence, pattern))) {
    throw wrongMimeType(essence)
  }
  return contentType
}

function matches(essence: string, pattern: string): boolean {
  const wanted = (pattern.split(';', 1)[0] ?? '').trim().toLowerCase()
  if (wanted === '*' || wanted === '*/*') return true
  return wanted.endsWith('/*') ? essence.startsWith(wanted.slice(0, -1)) : essence === wanted
}

/** Checks the types that a bucket is to take: `image/png`, `image/*`. Throws StorageError 415. */
export function checkMimePatterns(patterns: string[]): string[] {
  for (const pattern of patterns) {
    const fits = pattern === '*' || mimeType.test(pattern.replaceAll('*', 'any').split(';', 1)[0] ?? '')
    if (!fits || pattern.length > 255) throw wrongMimeType(printable(pattern))
  }
  return patterns
}

function wrongMimeType(type: string): StorageError {
  return new StorageError(415, 'invalid_mime_type', `mime type ${type} is not supported`)
}

const units: Record<string, number> = { gb: 1e9, mb: 1e6, kb: 1e3, b: 1 }

/** Bytes of a size like `20MB`, in Supabase's decimal units, or of a plain number. Throws StorageError 400. */
export function parseSize(size: number | string): number {
  if (typeof size === 'number') return size
  const [, amount, unit = 'b'] = /^(\d+(?:\.\d+)?)(gb|mb|kb|b)?$/i.exec(size.trim()) ?? []
  if (amount === undefined) throw invalid('Invalid file size format, hint: use 20GB / 20MB / 30KB / 3B')
  return Math.round(Number(amount) * (units[unit.toLowerCase()] ?? 1))
}

/** For messages: short, and nothing that a terminal or a page would act on. */
function printable(text: string): string {
  return text.slice(0, 200).replace(/[^\x20-\x7e]/g, '?')
}
