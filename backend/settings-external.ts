/** A provider of sign-ins as the environment configures it: GoTrue's names, with or without `GOTRUE_`. */
export type ExternalProvider = {
  /** The first one is used for sign-ins that begin here; tokens for any of them are accepted. */
  clientIds: string[]
  secret: string
  /** The provider's own address, where every customer has another. */
  url?: string
  /** Accept ID tokens without comparing the nonce: for native libraries that do not tell theirs. */
  skipNonceCheck: boolean
  /** Let people in of whom the provider gives no e-mail address. */
  emailOptional: boolean
}

/** The providers that can be switched on by the environment. */
export const externalProviderNames = [
  'apple',
  'azure',
  'discord',
  'facebook',
  'github',
  'gitlab',
  'google',
  'keycloak',
  'linkedin_oidc',
  'slack_oidc',
] as const

/** The name of such a provider. */
export type ExternalProviderName = (typeof externalProviderNames)[number]

/** The providers that are on, by name. */
export type ExternalProviders = { [name in ExternalProviderName]?: ExternalProvider }

/** Reads `EXTERNAL_<NAME>_ENABLED`, `_CLIENT_ID`, `_SECRET` and `_URL`; `wrong` lists what cannot be used. */
export function parseExternalProviders(env: NodeJS.ProcessEnv): {
  providers: ExternalProviders
  wrong: string[]
} {
  const providers: ExternalProviders = {}
  const wrong: string[] = []
  for (const name of externalProviderNames) {
    const prefix = `EXTERNAL_${name.toUpperCase()}`
    const read = (field: string) =>
      (env[`${prefix}_${field}`] ?? env[`GOTRUE_${prefix}_${field}`] ?? '').trim()
    const isOn = (field: string) => /^(true|1|yes)$/i.test(read(field))
    if (!isOn('ENABLED')) continue
    const clientIds = read('CLIENT_ID')
      .split(/[\s,]+/)
      .filter(Boolean)
    const url = read('URL').replace(/\/+$/, '')
    if (clientIds.length === 0) wrong.push(`${prefix}_CLIENT_ID: is missing`)
    if (!read('SECRET')) wrong.push(`${prefix}_SECRET: is missing`)
    if (name === 'keycloak' && !url) {
      wrong.push(`${prefix}_URL: is missing; it is the realm's address, https://…/realms/NAME`)
    }
    if (url && !/^https?:\/\//.test(url))
      wrong.push(`${prefix}_URL: must be an address like https://login.example.com`)
    providers[name] = {
      clientIds,
      secret: read('SECRET'),
      ...(url ? { url } : {}),
      skipNonceCheck: isOn('SKIP_NONCE_CHECK'),
      emailOptional: isOn('EMAIL_OPTIONAL'),
    }
  }
  return { providers, wrong }
}
