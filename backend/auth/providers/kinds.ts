/** One that publishes where its endpoints are, and signs what it says. */
export type OidcProvider = { kind: 'oidc'; issuer: string; discoveryUrl?: string }

/** One of which the endpoints have to be known, and that is asked who holds the access token. */
export type OAuthProvider = {
  kind: 'oauth2'
  issuer: string
  endpoints: { authorization: string; token: string; userinfo: string; emails?: string }
  /** The answers of `userinfo` and `emails` as claims, where the provider has names of its own. */
  read?: (info: Record<string, unknown>, emails: unknown) => Record<string, unknown>
}

/** How a provider is spoken to. */
export type ProviderKind = OidcProvider | OAuthProvider
