import { signOut } from '@/features/auth/mutations'
import { wipeLocalData } from '@/lib/local-data'
import { getSupabase } from '@/lib/supabase/client'

/** Ends the session, forgets what this browser kept, and loads the sign-in page anew: nothing stays in memory. */
export async function signOutHere() {
  await signOut(await getSupabase())
  await wipeLocalData()
  window.location.assign('/sign-in')
}
