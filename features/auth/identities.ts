import { useEffect, useState } from 'react'
import { getSupabase } from '@/lib/supabase/client'
import { providerName } from './provider-names'

/** A way to sign in that an account knows. */
export type Identity = { id: string; provider: string; name: string; email: string | null }

/** The ways my account knows; null until the server has answered, or when it does not. */
export function useIdentities(): Identity[] | null {
  const [identities, setIdentities] = useState<Identity[] | null>(null)
  useEffect(() => {
    let current = true
    getSupabase()
      .then((client) => client.auth.getUserIdentities())
      .then(({ data }) => {
        if (!current || !data) return
        setIdentities(
          data.identities.map(({ identity_id, provider, identity_data }) => ({
            id: identity_id,
            provider,
            name: provider.startsWith('sso:') ? 'SSO' : providerName(provider),
            email: typeof identity_data?.email === 'string' ? identity_data.email : null,
          })),
        )
      })
      .catch(() => {})
    return () => {
      current = false
    }
  }, [])
  return identities
}
