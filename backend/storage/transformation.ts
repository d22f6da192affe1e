import { z } from 'zod'
import { invalid } from './errors'

/** The longest edge that is made; nothing is enlarged. */
const MAX_EDGE = 2500
const edge = z.coerce.number().int().min(1).max(MAX_EDGE).optional()

const schema = z.object({
  width: edge,
  height: edge,
  resize: z.enum(['cover', 'contain', 'fill']).optional(),
  quality: z.coerce.number().int().min(20).max(100).optional(),
  format: z.enum(['origin', 'webp', 'avif']).optional(),
})

/** How an image is changed: `cover` fills the box and cuts, `contain` fits into it, `fill` distorts. */
export type Transformation = z.infer<typeof schema>

/** Reads one from a query or a body. Throws StorageError 400. */
export function readTransformation(given: unknown): Transformation {
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw invalid(
    `${issue?.path.join('/') ?? 'transform'}: ${issue?.message ?? 'is invalid'}`,
    'InvalidParameter',
  )
}

/** As Supabase writes it into tokens: `width:100,resize:cover`. Equal ones have equal texts. */
export function writeTransformation(transformation: Transformation): string {
  return (['width', 'height', 'resize', 'quality', 'format'] as const)
    .filter((name) => transformation[name] !== undefined)
    .map((name) => `${name}:${transformation[name]}`)
    .join(',')
}

/** Reads what `writeTransformation` has written. */
export function parseTransformation(text: string): Transformation {
  if (text === '') return {}
  return readTransformation(Object.fromEntries(text.split(',').map((part) => part.split(':', 2))))
}
