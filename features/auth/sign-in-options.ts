import { useEffect } from 'react'
import { createStore, useStore } from '@/lib/store'
import { getConfig } from '@/lib/supabase/client'

/** The ways into this installation besides e-mail and password. */
export type SignInOptions = {
  /** Without it everything that needs a mail is not offered. */
  mail: boolean
  passkeys: boolean
  /** Whether companies can be connected by SAML. */
  saml: boolean
  /** Names of the providers that everybody may use: "google". */
  providers: string[]
}

type Settings = { external?: Record<string, boolean>; passkeys_enabled?: boolean; saml_enabled?: boolean }

/** Ways that are not a provider's. */
const OWN = ['email', 'phone', 'anonymous_users']

/** Browsers make passkeys for domain names on secure origins only. */
const takesPasskeys = () =>
  'PublicKeyCredential' in window && window.isSecureContext && !/^[\d.]+$|:/.test(window.location.hostname)

const options = createStore<SignInOptions | null>(null)
let asking = false

async function ask() {
  const { supabaseUrl, supabaseKey, mail } = await getConfig()
  const response = await fetch(`${supabaseUrl}/auth/v1/settings`, { headers: { apikey: supabaseKey } })
  if (!response.ok) throw { message: 'The server is not ready.', status: response.status }
  const { external = {}, passkeys_enabled, saml_enabled } = (await response.json()) as Settings
  options.set({
    mail: mail === true,
    passkeys: passkeys_enabled === true && takesPasskeys(),
    saml: saml_enabled === true,
    providers: Object.keys(external).filter((name) => external[name] && !OWN.includes(name)),
  })
}

function load() {
  if (asking) return
  asking = true
  // Who cannot be asked offers nothing more than a password, which is always there.
  ask().catch(() => {
    asking = false
  })
}

/** Null until the server has said what it offers. */
export function useSignInOptions(): SignInOptions | null {
  useEffect(load, [])
  return useStore(options, (current) => current)
}
