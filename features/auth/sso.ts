import { useEffect, useState } from 'react'
import { toAppError } from '@/lib/errors'
import { callFunction } from '@/lib/supabase/call'
import { getSupabase } from '@/lib/supabase/client'
import { createRedirectClient } from '@/lib/supabase/redirect-client'
import { useDebounced } from '@/lib/use-debounced'
import { checkEmail } from './schema'

/** A company's own way to sign in. */
export type Sso = { kind: 'saml' | 'oidc'; provider: string; name: string }

/** What the domain of an address asks for; it does not tell whether the address has an account. */
export type SignInMethods = { password: boolean; sso: Sso | null }

const known = new Map<string, SignInMethods>()
const domainOf = (email: string) => email.trim().toLowerCase().split('@')[1] ?? ''

/** The ways that are open to an address; null while it is not known, or when only the usual ones are. */
export function useSignInMethods(email: string): SignInMethods | null {
  const settled = useDebounced(email)
  const domain = checkEmail(settled) ? '' : domainOf(settled)
  const [answer, setAnswer] = useState<{ domain: string; methods: SignInMethods } | null>(null)
  useEffect(() => {
    if (!domain) return
    const found = known.get(domain)
    if (found) return setAnswer({ domain, methods: found })
    let current = true
    getSupabase()
      .then((client) =>
        callFunction<SignInMethods>(client, 'sign_in_methods', { email: `somebody@${domain}` }),
      )
      .then((methods) => {
        known.set(domain, methods)
        if (current) setAnswer({ domain, methods })
      })
      // Without an answer the password is asked for, which every server has.
      .catch(() => {})
    return () => {
      current = false
    }
  }, [domain])
  return answer && answer.domain === domainOf(email) ? answer.methods : null
}

const returnAddress = (next: string) =>
  new URL(`/sign-in/callback?next=${encodeURIComponent(next)}`, window.location.origin).href

/** Leaves for the company's sign-in page, which is told whom to expect. */
export async function startSso({ kind, provider }: Sso, next: string, email?: string) {
  const { auth } = await createRedirectClient()
  const { error } =
    kind === 'saml'
      ? await auth.signInWithSSO({ providerId: provider, options: { redirectTo: returnAddress(next) } })
      : await auth.signInWithOAuth({
          provider: provider as 'google',
          options: {
            redirectTo: returnAddress(next),
            queryParams: email ? { login_hint: email.trim() } : undefined,
          },
        })
  if (error) throw toAppError(error)
}

/** Leaves for a provider that this server knows: "google". */
export const startProvider = (provider: string, next: string) =>
  startSso({ kind: 'oidc', provider, name: provider }, next)

/** Comes back from there: the code becomes the session of this browser. */
export async function finishRedirect(code: string) {
  const redirect = await createRedirectClient()
  const { data, error } = await redirect.auth.exchangeCodeForSession(code)
  if (error) throw toAppError(error)
  const { access_token, refresh_token } = data.session
  const { error: refused } = await (await getSupabase()).auth.setSession({ access_token, refresh_token })
  if (refused) throw toAppError(refused)
}
