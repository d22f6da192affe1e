import { useEffect } from 'react'
import { applyPeople, useMe } from '@/features/profiles/store'
import { adoptTimeZone } from '@/features/profiles/time-zone'
import { getSupabase } from '@/lib/supabase/client'

/** A profile that has no time zone yet takes the device's. If that fails, the next start tries again. */
export function useTimeZone() {
  const me = useMe()
  // biome-ignore lint/correctness/useExhaustiveDependencies: once per person, not with every change of the profile
  useEffect(() => {
    if (!me) return
    getSupabase()
      .then((client) => adoptTimeZone(client, me))
      .then((changed) => changed && applyPeople([changed]))
      .catch(() => {})
  }, [me?.id])
}
