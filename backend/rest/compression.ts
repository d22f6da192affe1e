import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

/** What fits into the first packets of a connection (ten of them) arrives no sooner when it is smaller. */
const WORTH_IT = 14 * 1024
/** What is larger would keep a thread busy that passwords are checked on too. */
const TOO_MUCH = 8 * 1024 * 1024

const compressed = promisify(gzip)

/**
 * The body as gzip, when the client takes that and it is large enough to be worth the work; else null.
 *
 * The fastest level: it is nine tenths of the gain. Secrets of a session are not at stake (as with cookies they might be):
 * nobody can make a stranger's browser ask with that stranger's token.
 */
export async function compress(
  body: string | Buffer,
  accepted: string | string[] | undefined,
): Promise<Buffer | null> {
  if (body.length < WORTH_IT || body.length > TOO_MUCH || !accepts(String(accepted ?? ''))) return null
  return compressed(body, { level: 1 })
}

function accepts(header: string): boolean {
  return header.split(',').some((part) => {
    const [name = '', ...parameters] = part.split(';').map((p) => p.trim().toLowerCase())
    return (name === 'gzip' || name === '*') && !parameters.some((p) => /^q=0(?:\.0*)?$/.test(p))
  })
}
