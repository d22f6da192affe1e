import { toAppError } from '@/lib/errors'
import type { AppClient } from './client'
import type { Database } from './database.types'

export type FunctionName = keyof Database['public']['Functions']

/** Calls a database function and gives its answer, or throws an `AppError`. */
export async function callFunction<T>(
  client: AppClient,
  name: FunctionName,
  args: Record<string, unknown> = {},
): Promise<T> {
  const { data, error, status } = await client.rpc(name, args as never)
  if (error) throw toAppError(error, status)
  return data as T
}
