import { toAppError } from '@/lib/errors'
import type { AppClient } from './client'

type Options = { method?: 'GET' | 'POST' | 'PUT' | 'DELETE'; body?: unknown }

/** Asks a route of this site as the person who is signed in, for what the database alone cannot do. */
export async function callApi<T>(
  client: AppClient,
  path: string,
  { method = 'POST', body = method === 'GET' ? undefined : {} }: Options = {},
): Promise<T> {
  const { data } = await client.auth.getSession()
  const response = await fetch(path, {
    method,
    headers: {
      authorization: `Bearer ${data.session?.access_token ?? ''}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  })
  const answer: unknown = await response.json().catch(() => null)
  if (!response.ok) throw toAppError(answer ?? { message: response.statusText }, response.status)
  return answer as T
}
