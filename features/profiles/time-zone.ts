import type { AppClient } from '@/lib/supabase/client'
import { updateProfile } from './mutations'
import type { Person } from './schema'

/** What a new profile has until somebody says otherwise. */
const UNSET = 'UTC'

/** Takes the zone of the device once, so that colleagues see the right time without anybody opening a form. */
export async function adoptTimeZone(client: AppClient, me: Person): Promise<Person | null> {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  if (me.time_zone !== UNSET || !zone || zone === UNSET) return null
  return updateProfile(client, me.id, { time_zone: zone })
}
