import { type AppError, toAppError } from '@/lib/errors'
import type { AppClient } from '@/lib/supabase/client'
import { PERSON_COLUMNS } from './queries'
import type { Person } from './schema'

export type ProfileChange = Partial<
  Pick<
    Person,
    | 'display_name'
    | 'handle'
    | 'avatar_url'
    | 'status_text'
    | 'status_emoji'
    | 'status_expires_at'
    | 'time_zone'
    | 'locale'
  >
>

export async function updateProfile(client: AppClient, id: string, change: ProfileChange): Promise<Person> {
  const { data, error, status } = await client
    .from('profiles')
    .update(change)
    .eq('id', id)
    .select(PERSON_COLUMNS)
  if (error) throw toAppError(error, status)
  const row = (data as Person[])[0]
  if (!row)
    throw { code: 'session_expired', status: 401, message: 'Your session has ended.' } satisfies AppError
  return row
}
