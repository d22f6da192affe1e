import { signOut } from '@/features/auth/mutations'
import { wipeLocalData } from '@/lib/local-data'
import { getSupabase } from '@/lib/supabase/client'

let leaving = false

/** Whether somebody is signing out here: the page is wiped and loaded anew, and nothing else may lead away from it. */
export const isLeaving = () => leaving

/** Ends the session, forgets what this browser kept, and loads the sign-in page anew: nothing stays in memory. */
export async function signOutHere() {
  leaving = true
  await signOut(await getSupabase())
  await wipeLocalData()
  window.location.assign('/sign-in')
}
