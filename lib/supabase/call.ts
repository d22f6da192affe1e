import { toAppError } from '@/lib/errors'
import type { AppClient } from './client'

/** Calls a database function and gives its answer, or throws an `AppError`. */
export async function callFunction<T>(
  client: AppClient,
  name: string,
  args: Record<string, unknown> = {},
): Promise<T> {
  const { data, error, status } = await client.rpc(name, args)
  if (error) throw toAppError(error, status)
  return data as T
}
