type Early = { answer: Promise<Response>; at: number }

declare global {
  /** The answer of `/api/config` that the document asked for. */
  var askedConfig: Promise<Response> | undefined
  /** What the document asked the database for, by token, address and body. */
  var askedEarly: Record<string, Early> | undefined
}

/** An answer that nobody came for by then is thrown away. */
const GOOD_FOR_MS = 30_000

/**
 * The answer to a request of supabase-js that the document has made already; once, and null when there is none. It rejects
 * where the server could not be asked.
 */
export function takeEarly(url: string, { headers, body }: RequestInit): Promise<Response> | null {
  const { askedEarly } = globalThis
  if (!askedEarly || typeof body !== 'string') return null
  const token = new Headers(headers).get('authorization')?.slice('Bearer '.length)
  const key = `${token} ${url} ${body}`
  const early = askedEarly[key]
  delete askedEarly[key]
  return early && Date.now() - early.at < GOOD_FOR_MS ? early.answer : null
}
